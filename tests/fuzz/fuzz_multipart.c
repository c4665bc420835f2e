/*
 * Any bytes as the body of a form with files: reading ends, and all pairs are
 * UTF-8. Also any bytes as a file of unknown encoding.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/multipart.h"
#include "base/text.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena	 a = { NULL };
	struct params	 p;
	const char	*text = text_decode(&a, data, size);
	size_t		 i;

	if (text != NULL && !utf8_valid(text, strlen(text)))
		abort();
	if (multipart_parse(&p, &a, "multipart/form-data; boundary=x",
	    (const char *)data, size) == OK)
		for (i = 0; i < p.count; i++)
			if (!utf8_valid(p.list[i].name,
			    strlen(p.list[i].name)) ||
			    !utf8_valid(p.list[i].value,
			    strlen(p.list[i].value)))
				abort();
	arena_dispose(&a);
	return (0);
}
