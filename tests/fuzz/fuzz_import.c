/*
 * Any bytes as a delivered audio file: refused with a sentence, or a WAV that
 * source.h reads. WAV of all encodings, FLAC and MP3.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/import.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct import	 in;
	char			 path[64], head[44];
	int			 fd = memfd_create("x", 0);
	FILE			*f;

	if (n > 65536 || fd == -1 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (import_open(&in, path, 1000) == OK) {
		if ((f = fopen(in.path, "rb")) == NULL ||
		    fread(head, 1, sizeof(head), f) < sizeof(head) ||
		    memcmp(head, "RIFF", 4) != 0)
			abort();
		(void)fclose(f);
		import_close(&in);
	} else if (in.why[0] == '\0')
		abort();
	(void)close(fd);
	return (0);
}
