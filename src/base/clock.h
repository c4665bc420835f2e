/*
 * Time. Instants are milliseconds since 1970-01-01 UTC, durations are
 * milliseconds, both int64_t. Zones are read from the system's TZif files
 * (RFC 8536), footer rule included. The TZ variable of the process is not
 * used, so all functions are thread-safe.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The wall clock, and the monotonic clock for deadlines. */
int64_t	clock_now_ms(void);
int64_t	clock_mono_ms(void);
/* The monotonic clock in microseconds, to measure. */
int64_t	clock_mono_us(void);

/* Writes the instant as in RFC 3339, "2026-07-30T15:14:05.250Z". Instants
 * outside the years 1 to 9999 become the first or the last of them. */
void	clock_format_utc(int64_t ms, char out[25]);
/* Reads an instant in any spelling of RFC 3339 (section 5.6): T, t or a space
 * after the day, Z, z or an offset, 0 to 30 fraction digits. Returns false for
 * other text, for year 0, and for offsets of 16 hours or more, which no zone
 * has; see rfc3339_read(). */
bool	clock_parse_utc(const char *s, int64_t *ms);
/* Returns whether s is a day that exists, as "2026-07-30". Year 0 does not
 * exist. */
bool	clock_valid_day(const char *s);

struct civil {
	int	year, month, day;	/* month 1-12, day 1-31 */
	int	hour, minute, second;
	int	weekday;		/* 0 = Sunday */
};

/* Days from 1970-01-01 to a day of the Gregorian calendar; negative before. */
int64_t		 clock_days(int year, int month, int day);
/* UTC date and time of an instant in seconds since 1970-01-01. */
struct civil	 clock_civil(int64_t seconds);

struct zone;
/* Returns the zone of a name such as "Europe/Paris". Each zone is loaded once
 * and never freed. An unknown name is logged and gives UTC. */
const struct zone *zone_get(const char *name);
/* Local date and time of the instant in the zone. */
struct civil	 zone_civil(const struct zone *z, int64_t ms);

#endif
