/*
 * POSIX TZ rules ("CET-1CEST,M3.5.0,M10.5.0/3") with the extended hours of
 * RFC 8536 section 3.3.1. Zone names are skipped, as they are not used.
 */
#include <ctype.h>
#include <string.h>

#include "base/zone.h"

#define DAY_S	INT64_C(86400)

static const char	*skip_name(const char *);
static const char	*rule_number(const char *, int, int, int *);
static const char	*rule_time(const char *, int, int *);
static const char	*rule_change(const char *, struct zone_day *);
static int64_t		 change_time(const struct zone_day *, int);

/* Skips a zone name: three letters or more, or a name in <>. Returns NULL when
 * there is none. */
static const char *
skip_name(const char *s)
{
	const char	*start;

	start = s;
	if (*s == '<') {
		for (s++; isalnum((unsigned char)*s) || *s == '+' ||
		    *s == '-';)
			s++;
		return (*s == '>' && s - start > 3 ? s + 1 : NULL);
	}
	while (isalpha((unsigned char)*s))
		s++;

	return (s - start >= 3 ? s : NULL);
}

/* Reads a number of one to three digits in [min, max]. Returns the byte after
 * it or NULL. */
static const char *
rule_number(const char *s, int min, int max, int *value)
{
	int	 n;

	*value = 0;
	if (s == NULL)
		return (NULL);
	for (n = 0; n < 3 && isdigit((unsigned char)*s); n++, s++)
		*value = *value * 10 + (*s - '0');

	return (n > 0 && *value >= min && *value <= max ? s : NULL);
}

/* Reads [+-]hh[:mm[:ss]] as seconds. */
static const char *
rule_time(const char *s, int max_hours, int *seconds)
{
	int	 sign, hours, minutes, rest;

	sign = *s == '-' ? -1 : 1;
	if (*s == '-' || *s == '+')
		s++;
	minutes = rest = 0;
	s = rule_number(s, 0, max_hours, &hours);
	if (s != NULL && *s == ':') {
		s = rule_number(s + 1, 0, 59, &minutes);
		if (s != NULL && *s == ':')
			s = rule_number(s + 1, 0, 59, &rest);
	}
	*seconds = sign * (hours * 3600 + minutes * 60 + rest);

	return (s);
}

/* Reads ",date[/time]". */
static const char *
rule_change(const char *s, struct zone_day *d)
{
	if (s == NULL || *s++ != ',')
		return (NULL);
	if (*s == 'M') {
		d->kind = DAY_MONTH;
		if ((s = rule_number(s + 1, 1, 12, &d->month)) == NULL ||
		    *s++ != '.' ||
		    (s = rule_number(s, 1, 5, &d->week)) == NULL || *s++ != '.')
			return (NULL);
		s = rule_number(s, 0, 6, &d->day);
	} else if (*s == 'J') {
		d->kind = DAY_JULIAN;
		s = rule_number(s + 1, 1, 365, &d->day);
	} else {
		d->kind = DAY_ZERO;
		s = rule_number(s, 0, 365, &d->day);
	}
	d->time = 2 * 3600;
	if (s != NULL && *s == '/')
		s = rule_time(s + 1, 167, &d->time);

	return (s);
}

bool
zone_rule_parse(struct zone_rule *r, const char *text)
{
	const char	*s;
	int		 west;

	memset(r, 0, sizeof(*r));
	if ((s = skip_name(text)) == NULL ||
	    (s = rule_time(s, 24, &west)) == NULL)
		return (false);
	r->standard = r->summer = -west;
	if (*s == '\0')
		return (true);

	r->has_summer = 1;
	r->summer = r->standard + 3600;
	if ((s = skip_name(s)) == NULL)
		return (false);
	if (*s != ',') {
		if ((s = rule_time(s, 24, &west)) == NULL)
			return (false);
		r->summer = -west;
	}
	s = rule_change(s, &r->start);
	s = rule_change(s, &r->end);

	return (s != NULL && *s == '\0');
}

/* Local time of the change in the year, in seconds since 1970-01-01. */
static int64_t
change_time(const struct zone_day *d, int year)
{
	int64_t	 first, days;
	int	 weekday;

	if (d->kind == DAY_ZERO)
		days = clock_days(year, 1, 1) + d->day;
	else if (d->kind == DAY_JULIAN) {	/* skips 29 February */
		days = clock_days(year, 1, 1) + d->day - 1;
		if (d->day >= 60)
			days += clock_days(year, 3, 1) -
			    clock_days(year, 2, 28) - 1;
	} else {
		first = clock_days(year, d->month, 1);
		weekday = clock_civil(first * DAY_S).weekday;
		days = first + (d->day - weekday + 7) % 7 + 7 * (d->week - 1);
		if (clock_civil(days * DAY_S).month != d->month)
			days -= 7;	/* week 5 means the last week */
	}

	return (days * DAY_S + d->time);
}

int
zone_rule_offset(const struct zone_rule *r, int64_t seconds)
{
	int64_t	 start, end;
	int	 year;
	bool	 summer;

	if (!r->has_summer)
		return (r->standard);
	year = clock_civil(seconds + r->standard).year;
	start = change_time(&r->start, year) - r->standard;
	end = change_time(&r->end, year) - r->summer;
	if (start < end)
		summer = seconds >= start && seconds < end;
	else					/* southern hemisphere */
		summer = seconds >= start || seconds < end;

	return (summer ? r->summer : r->standard);
}
