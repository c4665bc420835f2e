/*
 * ZIP archives (PKWARE APPNOTE 6.3) of entries whose lengths are known. They
 * are stored without compression, which would not make audio and PDF smaller.
 * libzip writes the archive to an open file, in which it seeks.
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
	const char	*name;	/* unique, valid UTF-8 */
	int64_t		 size;	/* bytes that read() returns in all; used only
				 * after close() of the previous entry */
	struct civil	 when;	/* date of the file, local time */
	/* Reads up to n next bytes. Returns their number, 0 at the end, -1 on
	 * an error. Entries are read one after the other. */
	ssize_t		 (*read)(void *arg, void *buf, size_t n);
	/* Called before and after reading; may be NULL. open() returns false
	 * on an error. */
	bool		 (*open)(void *arg);
	void		 (*close)(void *arg);
	void		*arg;
};

/* Length of the archive in bytes. Valid for archives and entries under 4 GB and
 * fewer than 65,535 entries. */
int64_t		archive_length(const struct archive_entry *e, size_t n);
/* Writes the archive to fd, an empty file open for reading and writing. go_on,
 * unless NULL, is called from time to time with the fraction done, from 0 to
 * 1, and returns false to cancel. Errors: DAMAGED (an entry is unreadable or
 * does not have its size), UNAVAILABLE (disk full; errno says how), CONFLICT
 * (duplicate name), BUSY (cancelled), FAILED. */
enum result	archive_write(int fd, const struct archive_entry *e, size_t n,
		    bool (*go_on)(void *arg, double done), void *arg);

#endif
