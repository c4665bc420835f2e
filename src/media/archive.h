/*
 * ZIP archives (PKWARE APPNOTE 6.3) of files whose lengths are known, stored
 * as they are: sound and PDF don't get smaller. Written by libzip to an open
 * file, which it seeks in; knows neither requests nor the loop.
 */
#ifndef MEDIA_ARCHIVE_H
#define MEDIA_ARCHIVE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/result.h"

struct archive_entry {
	const char	*name;	/* valid UTF-8; no other entry has it */
	int64_t		 size;	/* bytes that read() will give; looked at after
				 * the close() of the entry before */
	struct civil	 when;	/* as the file's date shows it */
	/* Up to n bytes, the next ones, into buf: how many, 0 at the end, -1:
	 * they can't be had. Entries are read one after the other. */
	ssize_t		 (*read)(void *arg, void *buf, size_t n);
	/* Called before and after, unless NULL; open false: as -1. */
	bool		 (*open)(void *arg);
	void		 (*close)(void *arg);
	void		*arg;
};

/* Bytes of the archive of these entries, as long as it and they are under
 * 4 GB and 65,535 in number. */
int64_t		archive_length(const struct archive_entry *e, size_t n);
/* Writes it to fd, empty and open for reading and writing. go_on (or NULL)
 * is told the part done, from 0 to 1, now and then; false: give up. DAMAGED:
 * an entry couldn't be read, or was not as long as said; UNAVAILABLE: no
 * room on the disk; CONFLICT: a name twice; BUSY: given up; FAILED. */
enum result	archive_write(int fd, const struct archive_entry *e, size_t n,
		    bool (*go_on)(void *arg, double done), void *arg);

#endif
