/*
 * Parses the bytes of a time zone file, for zone_get() and tests. Other code
 * uses base/clock.h.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stddef.h>

#include "base/clock.h"

/* Parses TZif, version 2 or later (RFC 8536). Returns NULL when it is invalid.
 * The caller frees the zone with zone_free(). */
struct zone	*zone_parse(const unsigned char *bytes, size_t n);
void		 zone_free(struct zone *z);

/* A POSIX TZ rule, from the footer of the file. */
struct zone_day {
	enum { DAY_MONTH, DAY_JULIAN, DAY_ZERO } kind;
	int	 month, week, day;	/* Mm.w.d; Jn and n have day only */
	int	 time;			/* seconds after midnight */
};

struct zone_rule {
	int		 standard, summer;	/* seconds east of UTC */
	int		 has_summer;
	struct zone_day	 start, end;		/* of summer time */
};

/* Parses a rule. Returns false when it is invalid or has summer time without
 * dates. */
bool	zone_rule_parse(struct zone_rule *r, const char *text);
/* Seconds east of UTC at an instant in seconds since 1970-01-01. */
int	zone_rule_offset(const struct zone_rule *r, int64_t seconds);

#endif
