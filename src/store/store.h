/*
 * Interface of a store of audio objects. Keys are relative paths of
 * [a-z0-9/._-] of at most 200 bytes; no component is empty or starts with a
 * dot. Other keys give INVALID. All functions block: call them on a pool
 * thread or in a command.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

#define STORE_KEY_MAX	200

struct store_object {
	const struct store	*store;
	int64_t			 size;	/* bytes of the whole object */
	int			 fd;	/* used by the folder store */
};

struct store {
	/* Percent of the disk that take() leaves free; 0 at first. */
	int64_t		 kept;
	/* Opens an object; the caller calls close(). Errors: NOT_FOUND,
	 * UNAVAILABLE (the store is unreachable), FAILED. */
	enum result	(*open)(const struct store *, const char *key,
			    struct store_object *out);
	/* Reads exactly n bytes at offset. Errors: DAMAGED (the object is
	 * shorter than its size), UNAVAILABLE. */
	enum result	(*read)(const struct store_object *, void *buf,
			    size_t n, int64_t offset);
	void		(*close)(struct store_object *);
	/* Copies the file at path to the key, atomically and durably. If the
	 * key exists, returns OK when its bytes are the same, otherwise
	 * CONFLICT. Other errors: INVALID (also when path is unreadable),
	 * UNAVAILABLE (also when the disk is full). */
	enum result	(*put)(const struct store *, const char *key,
			    const char *path);
	/* Moves the file at path to the key, like put(), without a copy when
	 * it is on the same file system. Nobody may write to the file any
	 * more. On OK the path no longer exists. A copy ends with UNAVAILABLE
	 * and ENOSPC before it uses the kept share of the disk. */
	enum result	(*take)(const struct store *, const char *key,
			    const char *path);
	/* Returns how many bytes can be written without using the kept share
	 * of the disk; negative when it is in use already, INT64_MAX when
	 * nothing limits the store. */
	int64_t		(*room)(const struct store *);
	/* Returns whether the folder is on the disk of the store. */
	bool		(*beside)(const struct store *, const char *folder);
	/* Removes an object. OK also when it does not exist. */
	enum result	(*remove)(const struct store *, const char *key);
	/* Removes temporary files of put() that are older than a day, left by
	 * crashes. Returns their number. */
	size_t		(*sweep)(const struct store *);
	/* Returns 0 when the store is there and can be read, and with write
	 * also written; otherwise an errno. */
	int		(*check)(const struct store *, bool write);
	void		*private_data;
};

/* Makes the store of the setting, "folder:/path"; store_free() frees it.
 * Returns NULL on an error, with *why set to a sentence that the caller
 * frees. */
struct store	*store_new(const char *setting, char **why);
void		 store_free(struct store *);

/* --- what went wrong ----------------------------------------------------- */

#define DISK_PROBLEM	160

/* Errno of the last function of a store that failed on this thread. */
int		 store_error(void);
/* "the store is full: No space left on device", from store_error(). */
const char	*store_problem(char out[DISK_PROBLEM]);
/* The same for another folder: what is "export_dir /srv/exports". */
const char	*disk_problem(const char *what, int error,
		    char out[DISK_PROBLEM]);
/* For kinds of store: sets store_error(). */
void		 store_set_error(int error);

/* Returns whether the key has the form described above. */
bool		 store_key_valid(const char *key);

#endif
