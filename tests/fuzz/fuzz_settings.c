/*
 * Settings files: loading any file gives values or an error message.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/settings.h"

int		 LLVMFuzzerTestOneInput(const uint8_t *, size_t);
const char	*__asan_default_options(void);

/* Disables leak detection: strings of settings are never freed. */
const char *
__asan_default_options(void)
{
	return ("detect_leaks=0");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char		 path[] = "/tmp/smartrecord-fuzz-XXXXXX", *why = NULL;
	struct settings	 s;
	int		 fd;

	if ((fd = mkstemp(path)) == -1 ||
	    write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	if (settings_load(&s, path, &why)) {
		if (s.port < 1 || s.port > 65535 || s.store == NULL)
			abort();
	} else if (why == NULL || why[0] == '\0') {
		abort();
	}
	free(why);
	unlink(path);
	return (0);
}
