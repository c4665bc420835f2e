/* Header fields of every reply; see headers.h. */
#include <stddef.h>
#include <time.h>

#include "server/headers.h"

const struct header_field	security_headers[] = {
	{ "content-security-policy", CONTENT_SECURITY },
	{ "cross-origin-opener-policy", "same-origin" },
	{ "cross-origin-resource-policy", "same-origin" },
	{ "x-content-type-options", "nosniff" },
	{ "referrer-policy", "same-origin" },
	{ NULL, NULL }
};

const char *
header_date(void)
{
	static char	text[32];
	static time_t	last;
	time_t		now = time(NULL);
	struct tm	tm;

	/* setlocale(3) is never called, so names are English. */
	if (now != last && gmtime_r(&now, &tm) != NULL) {
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		last = now;
	}
	return (text);
}
