/*
 * Query strings: parsed pairs can be encoded and parsed again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/params.h"
#include "base/text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
write_pairs(const struct params *p, struct buf *out)
{
	size_t	i;

	for (i = 0; i < p->count; i++) {
		buf_puts(out, i == 0 ? "" : "&");
		params_encode_value(out, p->list[i].name);
		buf_putc(out, '=');
		params_encode_value(out, p->list[i].value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena	 a = { NULL };
	struct buf	 text = { NULL, 0, 0 };
	struct params	 first, second;
	size_t		 i;

	if (params_parse(&first, &a, (const char *)data, size) == OK) {
		write_pairs(&first, &text);
		if (params_parse(&second, &a, text.data, text.len) != OK ||
		    second.count != first.count)
			abort();
		for (i = 0; i < first.count; i++) {
			if (strcmp(first.list[i].name,
			    second.list[i].name) != 0 ||
			    strcmp(first.list[i].value,
			    second.list[i].value) != 0 ||
			    !utf8_valid(first.list[i].value,
			    strlen(first.list[i].value)))
				abort();
		}
	}
	buf_dispose(&text);
	arena_dispose(&a);

	return (0);
}
