/*
 * Instants, days, zone files and their rules: a parsed instant can be formatted
 * and parsed again; a damaged zone file is harmless.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/zone.h"

#define OFFSET_MAX	(26 * 3600)

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
try_text(const char *text)
{
	struct zone_rule	 r;
	char			 out[25];
	int64_t			 ms, again;
	int			 offset;

	if (clock_parse_utc(text, &ms)) {
		clock_format_utc(ms, out);
		/* With an offset, the first and last instants may need a year
		 * outside 1 to 9999. */
		if (ms > -62135596800000 && ms < 253402300800000 &&
		    (!clock_parse_utc(out, &again) || again != ms))
			abort();
	}
	(void)clock_valid_day(text);
	if (zone_rule_parse(&r, text)) {
		offset = zone_rule_offset(&r, 1785424445);
		if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
			abort();
		(void)zone_rule_offset(&r, -1);
	}
}

static void
try_file(const uint8_t *data, size_t size)
{
	static const int64_t	 when[] = { INT64_MIN, -1, 0, 1785424445250,
				    INT64_MAX };
	struct zone		*z;
	struct civil		 c;
	size_t			 i;

	if ((z = zone_parse(data, size)) == NULL)
		return;
	for (i = 0; i < sizeof(when) / sizeof(when[0]); i++) {
		c = zone_civil(z, when[i]);
		if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 ||
		    c.hour < 0 || c.hour > 23 || c.weekday < 0 ||
		    c.weekday > 6)
			abort();
	}
	zone_free(z);
}

/* Parses a real file with some bytes changed: each three bytes of input are an
 * offset and a value. */
static void
try_damaged(const uint8_t *data, size_t size)
{
	static uint8_t	 real[8192];
	static size_t	 n;
	uint8_t		 damaged[sizeof(real)];
	FILE		*file;

	if (n == 0) {
		file = fopen("/usr/share/zoneinfo/Europe/Paris", "rb");
		if (file == NULL || (n = fread(real, 1, sizeof(real),
		    file)) == 0)
			abort();
		(void)fclose(file);
	}
	memcpy(damaged, real, n);
	for (; size >= 3; data += 3, size -= 3)
		damaged[((size_t)data[0] << 8 | data[1]) % n] = data[2];
	try_file(damaged, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena	 a = { NULL };

	try_text(arena_strndup(&a, size == 0 ? "" : (const char *)data,
	    size));
	try_file(data, size);
	try_damaged(data, size);
	arena_dispose(&a);

	return (0);
}
