/*
 * A time zone from the bytes of its file, for zone_get() and its tests; the
 * rest of the program takes zones from base/clock.h.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stddef.h>

#include "base/clock.h"

/* TZif, version 2 or later (RFC 8536). NULL: not one. */
struct zone	*zone_parse(const unsigned char *bytes, size_t n);
void		 zone_free(struct zone *z);

/* A POSIX TZ rule, as the file's footer holds it, evaluated at an instant. */
struct zone_day {
	enum { DAY_MONTH, DAY_JULIAN, DAY_ZERO } kind;
	int	 month, week, day;	/* Mm.w.d; Jn and n: day */
	int	 time;			/* seconds after that day's midnight */
};

struct zone_rule {
	int		 standard, summer;	/* seconds east of UTC */
	int		 has_summer;
	struct zone_day	 start, end;		/* of summer time */
};

/* false: not such a rule, or summer time without its dates. */
bool	zone_rule_parse(struct zone_rule *r, const char *text);
/* Seconds east of UTC at the instant (seconds since 1970). */
int	zone_rule_offset(const struct zone_rule *r, int64_t seconds);

#endif
