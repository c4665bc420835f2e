/* The lines of `smartrecord doctor`; see doctor_lines.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "jobs/doctor_lines.h"

void
doctor_say(struct doctor *d, enum health health, const char *subject,
    const char *advice, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warning", "FAULT" };
	va_list	ap;
	char	*what;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) == -1)
		log_fatal("event=out_of_memory");
	va_end(ap);
	json_array_append_new(d->lines, json_pack("{s:s, s:s, s:s, s:s}",
	    "state", words[health], "subject", subject, "what", what, "do",
	    health == HEALTH_OK ? "" : advice));
	free(what);
	d->faults = d->faults || health == HEALTH_FAULT;
}

static const char *
line_text(const json_t *line, const char *name)
{
	return (json_string_value(json_object_get(line, name)));
}

void
doctor_print(const struct doctor *d, bool json)
{
	json_t	*line;
	size_t	 i;

	if (json) {
		(void)json_dumpf(d->lines, stdout, JSON_INDENT(1));
		printf("\n");
		return;
	}
	json_array_foreach(d->lines, i, line) {
		printf("%-8s %s: %s", line_text(line, "state"),
		    line_text(line, "subject"), line_text(line, "what"));
		if (line_text(line, "do")[0] != '\0')
			printf(". %s", line_text(line, "do"));
		printf("\n");
	}
}
