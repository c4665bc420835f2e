/*
 * Clocks, RFC 3339 texts and the Gregorian calendar. Zones are in zone.c.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define DAY_S		INT64_C(86400)
/* Limits of a four-digit year: 0001-01-01 and 9999-12-31. */
#define FIRST_MS	INT64_C(-62135596800000)
#define LAST_MS		INT64_C(253402300799999)
#define FRACTION_MAX	30	/* digits of a second's fraction */

static int64_t		 read_clock(clockid_t);
static const char	*digits(const char *, int, int *);
static const char	*parse_day(const char *, int64_t *);
static const char	*parse_time(const char *, int64_t *);
static const char	*parse_fraction(const char *, int64_t *);
static const char	*parse_offset(const char *, int64_t *);
static int		 month_days(int, int);

static int64_t
read_clock(clockid_t id)
{
	struct timespec	 now;

	(void)clock_gettime(id, &now);
	return ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

int64_t
clock_now_ms(void)
{
	return (read_clock(CLOCK_REALTIME));
}

int64_t
clock_mono_ms(void)
{
	return (read_clock(CLOCK_MONOTONIC));
}

int64_t
clock_mono_us(void)
{
	struct timespec	 now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* In this computation a year begins in March, so that the leap day is its
 * last day. An era is 400 years, or 146097 days. */
int64_t
clock_days(int year, int month, int day)
{
	int64_t	 y, era, year_of_era, day_of_year;

	y = month <= 2 ? (int64_t)year - 1 : year;
	era = (y >= 0 ? y : y - 399) / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 +
	    day - 1;

	return (era * 146097 + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year - 719468);
}

struct civil
clock_civil(int64_t seconds)
{
	struct civil	 c;
	int64_t		 days, rest, era, doe, yoe, doy, mp;

	days = seconds / DAY_S - (seconds % DAY_S < 0 ? 1 : 0);
	rest = seconds - days * DAY_S;
	c.hour = (int)(rest / 3600);
	c.minute = (int)(rest / 60 % 60);
	c.second = (int)(rest % 60);
	c.weekday = (int)(((days + 4) % 7 + 7) % 7);

	days += 719468;				/* now since 0000-03-01 */
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c.year = (int)(yoe + era * 400 + (c.month <= 2 ? 1 : 0));

	return (c);
}

static int
month_days(int year, int month)
{
	static const int	days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	if (month == 2 && year % 4 == 0 &&
	    (year % 100 != 0 || year % 400 == 0))
		return (29);
	return (days[month - 1]);
}

void
clock_format_utc(int64_t ms, char out[25])
{
	struct civil	 c;
	int64_t		 seconds;
	char		 text[64];

	if (ms < FIRST_MS)
		ms = FIRST_MS;
	if (ms > LAST_MS)
		ms = LAST_MS;
	seconds = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
	c = clock_civil(seconds);
	(void)snprintf(text, sizeof(text),
	    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day,
	    c.hour, c.minute, c.second, (int)(ms - seconds * 1000));
	memcpy(out, text, 24);
	out[24] = '\0';
}

/* Reads exactly n digits at s. Returns the byte after them, or NULL when
 * there are fewer digits or s is NULL. */
static const char *
digits(const char *s, int n, int *value)
{
	*value = 0;
	if (s == NULL)
		return (NULL);
	for (; n > 0; n--, s++) {
		if (*s < '0' || *s > '9')
			return (NULL);
		*value = *value * 10 + (*s - '0');
	}

	return (s);
}

static const char *
parse_day(const char *s, int64_t *days)
{
	int	 year, month, day;

	if ((s = digits(s, 4, &year)) == NULL || *s++ != '-' ||
	    (s = digits(s, 2, &month)) == NULL || *s++ != '-' ||
	    (s = digits(s, 2, &day)) == NULL)
		return (NULL);
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month))
		return (NULL);
	*days = clock_days(year, month, day);

	return (s);
}

/* A leap second (60) is allowed at minute 59 and counts as the next second. */
static const char *
parse_time(const char *s, int64_t *seconds)
{
	int	 hour, minute, second;

	if ((s = digits(s, 2, &hour)) == NULL || *s++ != ':' ||
	    (s = digits(s, 2, &minute)) == NULL || *s++ != ':' ||
	    (s = digits(s, 2, &second)) == NULL)
		return (NULL);
	if (hour > 23 || minute > 59 ||
	    second > (minute == 59 ? 60 : 59))
		return (NULL);
	*seconds = hour * 3600 + minute * 60 + second;

	return (s);
}

/* Reads nothing, or "." and 1 to 30 digits, truncated to milliseconds. */
static const char *
parse_fraction(const char *s, int64_t *ms)
{
	int	 n, value, scale;

	*ms = 0;
	if (*s != '.')
		return (s);
	n = (int)strspn(++s, "0123456789");
	if (n < 1 || n > FRACTION_MAX)
		return (NULL);
	value = 0;
	scale = 100;
	for (; n > 0; n--, s++) {
		value += (*s - '0') * scale;
		scale /= 10;
	}
	*ms = value;

	return (s);
}

static const char *
parse_offset(const char *s, int64_t *seconds)
{
	int	 hour, minute, sign;

	*seconds = 0;
	if (*s == 'Z' || *s == 'z')
		return (s + 1);
	if (*s != '+' && *s != '-')
		return (NULL);
	sign = *s++ == '-' ? -1 : 1;
	if ((s = digits(s, 2, &hour)) == NULL || *s++ != ':' ||
	    (s = digits(s, 2, &minute)) == NULL || hour > 15 || minute > 59)
		return (NULL);
	*seconds = sign * (hour * 3600 + minute * 60);

	return (s);
}

bool
clock_parse_utc(const char *s, int64_t *ms)
{
	int64_t	 days, seconds, fraction, offset;

	if ((s = parse_day(s, &days)) == NULL ||
	    (*s != 'T' && *s != 't' && *s != ' ') ||
	    (s = parse_time(s + 1, &seconds)) == NULL ||
	    (s = parse_fraction(s, &fraction)) == NULL ||
	    (s = parse_offset(s, &offset)) == NULL || *s != '\0')
		return (false);
	*ms = (days * DAY_S + seconds - offset) * 1000 + fraction;

	return (true);
}

bool
clock_valid_day(const char *s)
{
	int64_t	 days;

	return ((s = parse_day(s, &days)) != NULL && *s == '\0');
}
