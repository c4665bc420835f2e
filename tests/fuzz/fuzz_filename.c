/*
 * File names from any valid text: they are valid, short enough and safe,
    and the
 * header has only what RFC 6266 allows.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/filename.h"
#include "base/text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_name(const char *name)
{
	uint32_t	 c;
	size_t		 i, n = strlen(name);

	assert(n > 0 && n <= FILENAME_MAX_BYTES);
	assert(utf8_valid(name, n));
	assert(name[0] != '.' && name[0] != ' ');
	assert(strpbrk(name, "<>:\"/\\|?*") == NULL);
	for (i = 0; i < n; i += utf8_next(name + i, &c)) {
		(void)utf8_next(name + i, &c);
		assert(c >= 0x20 && c != 0x7f && !text_invisible(c));
	}
}

static void
check_header(const char *value)
{
	size_t	 i, quotes = 0;

	for (i = 0; value[i] != '\0'; i++) {
		assert(value[i] >= 0x20 && value[i] < 0x7f);
		assert(value[i] != '\\');
		quotes += value[i] == '"';
	}
	assert(quotes == 2);
	assert(strncmp(value, "attachment; filename=\"", 22) == 0);
}

/* The input is up to four parts, separated by NUL. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena	 a = { NULL };
	const char	*parts[4];
	char		*text, *name;
	size_t		 n;

	text = arena_alloc(&a, size + 1);
	memcpy(text, data, size);
	for (n = 0; n < 4 && (n == 0 || parts[n - 1] + strlen(parts[n - 1]) <
	    text + size); n++) {
		parts[n] = n == 0 ? text :
		    parts[n - 1] + strlen(parts[n - 1]) + 1;
		if (!utf8_valid(parts[n], strlen(parts[n])))
			break;
	}
	name = filename_make(&a, parts, n, ".mp3");
	check_name(name);
	check_header(filename_disposition(&a, "attachment", name));
	if (n > 0)	/* text that filename_make() would clean */
		check_header(filename_disposition(&a, "attachment", text));
	arena_dispose(&a);
	return (0);
}
