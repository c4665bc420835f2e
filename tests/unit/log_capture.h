/* What is written to standard error meanwhile. */
#ifndef TESTS_UNIT_LOG_CAPTURE_H
#define TESTS_UNIT_LOG_CAPTURE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Standard error goes to a file while write_log() runs; what was written
 * lands in out. */
static inline void
log_capture(void (*write_log)(void), char *out, size_t size)
{
	FILE	*file;
	size_t	 n;
	int	 saved;

	file = tmpfile();
	assert_non_null(file);
	saved = dup(STDERR_FILENO);
	assert_true(dup2(fileno(file), STDERR_FILENO) != -1);
	write_log();
	assert_true(dup2(saved, STDERR_FILENO) != -1);
	(void)close(saved);
	rewind(file);
	n = fread(out, 1, size - 1, file);
	out[n] = '\0';
	(void)fclose(file);
}

/* Removes the date of each line, "2026-07-30T15:14:05.250Z ". */
static inline void
log_undate(char *out)
{
	char	*line;
	int64_t	 ms;

	for (line = out; *line != '\0'; line = strchr(line, '\n') + 1) {
		assert_true(strlen(line) > 25);
		assert_int_equal(line[24], ' ');
		line[24] = '\0';
		assert_true(clock_parse_utc(line, &ms));
		memmove(line, line + 25, strlen(line + 25) + 1);
	}
}

#endif
