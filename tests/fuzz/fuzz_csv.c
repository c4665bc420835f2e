/*
 * Any bytes as comma-separated values: reading ends, line numbers increase, and
 * no cell is longer than the input.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char	*cells[8];
	struct arena	 a = { NULL };
	struct csv	 c;
	size_t		 i, count, total, records = 0;
	int		 line = 0;

	csv_open(&c, (const char *)data, size);
	while (csv_read(&c, &a, cells, 8, &count) == CSV_RECORD) {
		total = 0;
		for (i = 0; i < count && i < 8; i++)
			total += strlen(cells[i]);
		if (count == 0 || total > size || c.line <= line ||
		    ++records > size)
			abort();
		line = c.line;
		arena_dispose(&a);
	}
	arena_dispose(&a);
	return (0);
}
