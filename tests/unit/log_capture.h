/* What is written to standard error meanwhile. */
#ifndef TESTS_UNIT_LOG_CAPTURE_H
#define TESTS_UNIT_LOG_CAPTURE_H

#include <stdio.h>
#include <unistd.h>

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

#endif
