/*
 * Cookie headers: a value contains no separator, and is in the header after its
 * name.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/params.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena	 a = { NULL };
	const char	*header, *value;

	header = arena_strndup(&a, size == 0 ? "" : (const char *)data, size);
	if ((value = cookie_get(&a, header, "a")) != NULL) {
		if (strchr(value, ';') != NULL ||
		    strstr(header, arena_printf(&a, "a=%s", value)) == NULL)
			abort();
	}
	(void)cookie_get(&a, header, "__Host-session");
	arena_dispose(&a);

	return (0);
}
