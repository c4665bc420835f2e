/*
 * Range headers for any size: the range is inside the file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/range.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena	 a = { NULL };
	struct range	 r;
	int64_t		 whole;

	if (size < sizeof(whole))
		return (0);
	memcpy(&whole, data, sizeof(whole));
	whole &= INT64_MAX;
	range_parse(&r, arena_strndup(&a, (const char *)data + sizeof(whole),
	    size - sizeof(whole)), whole);
	if (r.kind == RANGE_PART &&
	    (r.first < 0 || r.first > r.last || r.last >= whole))
		abort();
	if (r.kind == RANGE_WHOLE && (r.first != 0 || r.last != whole - 1))
		abort();
	arena_dispose(&a);

	return (0);
}
