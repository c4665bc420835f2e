/*
 * ZIP archives with libzip. The archive is a libzip source over a descriptor,
 * so that a temporary file needs no name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zip.h>

#include "media/archive.h"

#define MODE		(0100644u << 16)	/* rw-r--r-- for Unix */
#define PRECISION	0.002			/* of progress */
/* Sizes of fixed parts of the format, in bytes (APPNOTE 4.3.7, 4.3.12,
 * 4.3.16). */
#define LOCAL_HEADER	30
#define CENTRAL_HEADER	46
#define END_RECORD	22

struct target {
	int		 fd;
	int64_t		 at;		/* write position */
	int64_t		 read_at;
	zip_error_t	 error;
	int		 full;		/* errno of a full disk, or 0 */
};

struct writing {
	struct target	 target;
	bool		 (*go_on)(void *, double);
	void		*arg;
	bool		 given_up;
	bool		 unreadable;	/* an entry could not be read */
};

struct reading {
	const struct archive_entry	*entry;
	struct writing			*writing;
	int64_t				 left;
	zip_error_t			 error;
};

int64_t
archive_length(const struct archive_entry *e, size_t n)
{
	int64_t	 bytes = END_RECORD;
	size_t	 i;

	for (i = 0; i < n; i++)
		bytes += LOCAL_HEADER + CENTRAL_HEADER +
		    2 * (int64_t)strlen(e[i].name) + e[i].size;
	return (bytes);
}

static zip_int64_t
archive_fail(zip_error_t *error, int code)
{
	zip_error_set(error, code, errno);
	return (-1);
}

/* --- an entry ------------------------------------------------------------ */

static zip_int64_t
entry_stat(const struct reading *r, void *data)
{
	struct zip_stat	*st = data;

	zip_stat_init(st);
	st->size = (zip_uint64_t)r->entry->size;
	st->valid = ZIP_STAT_SIZE;
	return (sizeof(*st));
}

static zip_int64_t
entry_open(struct reading *r)
{
	r->left = r->entry->size;
	if (r->entry->open == NULL || r->entry->open(r->entry->arg))
		return (0);
	r->writing->unreadable = true;
	return (archive_fail(&r->error, ZIP_ER_READ));
}

/* Fails when the entry is not exactly as long as its size, because the length
 * of the archive has been announced. */
static zip_int64_t
entry_read(struct reading *r, void *data, zip_uint64_t n)
{
	ssize_t	 got;

	if (r->left == 0)
		return (0);
	if ((int64_t)n > r->left)
		n = (zip_uint64_t)r->left;
	got = r->entry->read(r->entry->arg, data, n);
	if (got <= 0) {
		r->writing->unreadable = true;
		return (archive_fail(&r->error, ZIP_ER_READ));
	}
	r->left -= got;
	return (got);
}

static zip_int64_t
entry_source(void *arg, void *data, zip_uint64_t n, zip_source_cmd_t command)
{
	struct reading	*r = arg;

	switch (command) {
	case ZIP_SOURCE_SUPPORTS:
		return (zip_source_make_command_bitmap(ZIP_SOURCE_OPEN,
		    ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
		    ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1));
	case ZIP_SOURCE_OPEN:
		return (entry_open(r));
	case ZIP_SOURCE_READ:
		return (entry_read(r, data, n));
	case ZIP_SOURCE_CLOSE:
		if (r->entry->close != NULL)
			r->entry->close(r->entry->arg);
		return (0);
	case ZIP_SOURCE_STAT:
		return (entry_stat(r, data));
	case ZIP_SOURCE_ERROR:
		return (zip_error_to_data(&r->error, data, n));
	case ZIP_SOURCE_FREE:
		free(r);
		return (0);
	default:
		return (archive_fail(&r->error, ZIP_ER_OPNOTSUPP));
	}
}

/* --- the archive's file -------------------------------------------------- */

/* Writes all n bytes; a partial write is an error. */
static zip_int64_t
target_write(struct target *t, const void *data, zip_uint64_t n)
{
	zip_uint64_t	 done;
	ssize_t		 put;

	for (done = 0; done < n; done += (zip_uint64_t)put) {
		put = pwrite(t->fd, (const char *)data + done, n - done,
		    t->at);
		if (put <= 0) {
			if (errno == ENOSPC || errno == EDQUOT ||
			    errno == EFBIG)
				t->full = errno;
			return (archive_fail(&t->error, ZIP_ER_WRITE));
		}
		t->at += put;
	}
	return ((zip_int64_t)n);
}

static zip_int64_t
target_read(struct target *t, void *data, zip_uint64_t n)
{
	ssize_t	 got;

	if ((got = pread(t->fd, data, n, t->read_at)) == -1)
		return (archive_fail(&t->error, ZIP_ER_READ));
	t->read_at += got;
	return (got);
}

static zip_int64_t
target_seek(struct target *t, int64_t *at, void *data, zip_uint64_t n)
{
	zip_int64_t	 to;

	to = zip_source_seek_compute_offset((zip_uint64_t)*at, INT64_MAX,
	    data, n, &t->error);
	if (to < 0)
		return (-1);
	*at = to;
	return (0);
}

/* Reports an empty file. */
static zip_int64_t
target_stat(void *data)
{
	struct zip_stat	*st = data;

	zip_stat_init(st);
	st->size = 0;
	st->valid = ZIP_STAT_SIZE;
	return (sizeof(*st));
}

#define TARGET_COMMANDS	(ZIP_SOURCE_SUPPORTS_WRITABLE |			\
    ZIP_SOURCE_MAKE_COMMAND_BITMASK(ZIP_SOURCE_SUPPORTS))

static zip_int64_t
target_source(void *arg, void *data, zip_uint64_t n, zip_source_cmd_t command)
{
	struct target	*t = arg;

	switch (command) {
	case ZIP_SOURCE_SUPPORTS:
		return (TARGET_COMMANDS);
	case ZIP_SOURCE_STAT:
		return (target_stat(data));
	case ZIP_SOURCE_READ:
		return (target_read(t, data, n));
	case ZIP_SOURCE_SEEK:
		return (target_seek(t, &t->read_at, data, n));
	case ZIP_SOURCE_TELL:
		return (t->read_at);
	case ZIP_SOURCE_WRITE:
		return (target_write(t, data, n));
	case ZIP_SOURCE_SEEK_WRITE:
		return (target_seek(t, &t->at, data, n));
	case ZIP_SOURCE_TELL_WRITE:
		return (t->at);
	case ZIP_SOURCE_ERROR:
		return (zip_error_to_data(&t->error, data, n));
	default:	/* open, close, begin, commit, roll back, remove */
		return (0);
	}
}

/* --- the archive --------------------------------------------------------- */

/* Sets the MS-DOS date and time (APPNOTE 4.4.6); years before 1980 do not
 * exist there. */
static int
set_date(zip_t *z, zip_uint64_t i, const struct civil *w)
{
	return (zip_file_set_dostime(z, i,
	    (zip_uint16_t)(w->hour << 11 | w->minute << 5 | w->second / 2),
	    (zip_uint16_t)((w->year - 1980) << 9 | w->month << 5 | w->day),
	    0));
}

static bool
add_entry(zip_t *z, struct writing *w, const struct archive_entry *e)
{
	struct reading	*r;
	zip_source_t	*source;
	zip_int64_t	 i;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (false);
	r->entry = e;
	r->writing = w;
	zip_error_init(&r->error);
	if ((source = zip_source_function(z, entry_source, r)) == NULL) {
		free(r);
		return (false);
	}
	i = zip_file_add(z, e->name, source, ZIP_FL_ENC_UTF_8);
	if (i < 0) {
		zip_source_free(source);
		return (false);
	}
	return (zip_set_file_compression(z, (zip_uint64_t)i, ZIP_CM_STORE,
	    0) == 0 && set_date(z, (zip_uint64_t)i, &e->when) == 0 &&
	    zip_file_set_external_attributes(z, (zip_uint64_t)i, 0,
	    ZIP_OPSYS_UNIX, MODE) == 0);
}

static void
archive_progress(zip_t *z, double done, void *arg)
{
	struct writing	*w = arg;

	(void)z;
	if (w->go_on != NULL && !w->go_on(w->arg, done))
		w->given_up = true;
}

static int
archive_cancelled(zip_t *z, void *arg)
{
	struct writing	*w = arg;

	(void)z;
	return (w->given_up);
}

static zip_t *
open_target(struct writing *w)
{
	zip_source_t	*source;
	zip_error_t	 error;
	zip_t		*z;

	zip_error_init(&error);
	source = zip_source_function_create(target_source, &w->target, &error);
	if (source == NULL)
		return (NULL);
	z = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &error);
	if (z == NULL)
		zip_source_free(source);
	return (z);
}

static enum result
archive_write_all(zip_t *z, struct writing *w)
{
	(void)zip_register_progress_callback_with_state(z, PRECISION,
	    archive_progress, NULL, w);
	(void)zip_register_cancel_callback_with_state(z, archive_cancelled,
	    NULL, w);
	if (zip_close(z) == 0)
		return (OK);
	zip_discard(z);
	if (w->given_up)
		return (BUSY);
	if (w->target.full != 0) {
		errno = w->target.full;
		return (UNAVAILABLE);
	}
	return (w->unreadable ? DAMAGED : FAILED);
}

enum result
archive_write(int fd, const struct archive_entry *e, size_t n,
    bool (*go_on)(void *, double), void *arg)
{
	struct writing	 w = { .target = { .fd = fd }, .go_on = go_on,
			    .arg = arg };
	enum result	 r;
	zip_t		*z;
	size_t		 i;

	zip_error_init(&w.target.error);
	if ((z = open_target(&w)) == NULL)
		return (FAILED);
	for (i = 0; i < n; i++) {
		if (add_entry(z, &w, &e[i]))
			continue;
		r = zip_error_code_zip(zip_get_error(z)) == ZIP_ER_EXISTS ?
		    CONFLICT : FAILED;
		zip_discard(z);
		return (r);
	}
	return (archive_write_all(z, &w));
}
