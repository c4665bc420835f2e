/*
 * Audio objects behind one struct of functions. Keys are relative paths of
 * [a-z0-9/._-], no component that is empty or starts with a dot, at most 200
 * bytes; the store refuses others with INVALID. Blocking: call from a pool
 * thread or a command.
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
	int			 fd;	/* folder store */
};

struct store {
	/* NOT_FOUND, UNAVAILABLE (store can't be reached), FAILED. */
	enum result	(*open)(const struct store *, const char *key,
			    struct store_object *out);
	/* Reads n bytes at offset, all or DAMAGED (shorter than said) or
	 * UNAVAILABLE. */
	enum result	(*read)(const struct store_object *, void *buf,
			    size_t n, int64_t offset);
	void		(*close)(struct store_object *);
	/* Copies the file at path under the key, atomically and durably.
	 * The same key twice is OK with the same bytes, else CONFLICT.
	 * INVALID also: path can't be read. UNAVAILABLE: no room. */
	enum result	(*put)(const struct store *, const char *key,
			    const char *path);
	/* Moves the file at path under the key, as put() does but without a
	 * copy where the store can: its maker writes no more to it. The path
	 * is gone when it is OK. */
	enum result	(*take)(const struct store *, const char *key,
			    const char *path);
	/* Idempotent: an absent object is OK. */
	enum result	(*remove)(const struct store *, const char *key);
	/* Removes what crashes in put() left behind a day ago or longer;
	 * returns how many. */
	size_t		(*sweep)(const struct store *);
	void		*private_data;
};

/* From the setting, "folder:/path". NULL: *why is a sentence (malloc'd). */
struct store	*store_new(const char *setting, char **why);
void		 store_free(struct store *);
bool		 store_key_valid(const char *key);

#endif
