/*
 * Time. Instants are milliseconds since 1970 UTC in an int64_t, durations
 * milliseconds. Zones are read from the system's TZif files (RFC 8536),
 * footer rule included, without touching the process's TZ: thread-safe.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Wall clock; and a clock that never jumps, for deadlines. */
int64_t	clock_now_ms(void);
int64_t	clock_mono_ms(void);

/* RFC 3339, "2026-07-30T15:14:05.250Z"; out holds 25 bytes. */
void	clock_format_utc(int64_t ms, char out[25]);
/* RFC 3339 with any offset and 0-9 fraction digits. false: not one, or one
 * that PostgreSQL wouldn't take: year 0, an offset of 16 hours or more. */
bool	clock_parse_utc(const char *s, int64_t *ms);
/* "2026-07-30": a day that exists; there was no year 0. */
bool	clock_valid_day(const char *s);

struct civil {
	int	year, month, day;	/* month 1-12, day 1-31 */
	int	hour, minute, second;
	int	weekday;		/* 0 = Sunday */
};

/* Days from 1970-01-01 to a day of the Gregorian calendar, and what a clock
 * without zone shows so many seconds after that day began. */
int64_t		 clock_days(int year, int month, int day);
struct civil	 clock_civil(int64_t seconds);

struct zone;
/* The zone "Europe/Paris"; loaded once, kept for ever. UTC when unknown. */
const struct zone *zone_get(const char *name);
/* The instant as the people of the zone read it on their clocks. */
struct civil	 zone_civil(const struct zone *z, int64_t ms);

#endif
