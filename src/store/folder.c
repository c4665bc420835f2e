/*
 * The folder store. Paths are opened one component at a time without following
 * links. put() writes a temporary file and renames it, so that an object is
 * complete when it has its name. A crash may leave a file ".put-…", which is
 * not a valid key; sweep() removes it a day later.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "store/folder.h"

#define COPY_BYTES	65536
#define TEMP_PREFIX	".put-"
#define TEMP_NAME_MAX	24
#define TEMP_AGE_S	(24 * 3600)	/* much longer than a put() */

/* Maps an errno and keeps it for store_error(). */
static enum result
result_of(int error)
{
	store_set_error(error);
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return (NOT_FOUND);
	case ENOSPC:
	case EDQUOT:
	case EROFS:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ESTALE:
		return (UNAVAILABLE);
	default:
		return (FAILED);
	}
}

/* Gives a new file or directory to the owner of its directory when this
 * process runs as root, so that the user of `serve` can read it. */
static void
give_to_owner(int fd, int dir)
{
	struct stat	st;

	if (geteuid() == 0 && (fstat(dir, &st) == -1 ||
	    fchown(fd, st.st_uid, st.st_gid) == -1))
		log_warn("event=store_owner why=\"%s\"", strerror(errno));
}

/* Opens the directory name in dir, and closes dir. make creates it first.
 * Returns -1 and sets errno on an error. */
static int
open_directory(int dir, const char *name, bool make)
{
	int	fd, saved;
	bool	made;

	made = make && mkdirat(dir, name, 0770) == 0;
	fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	saved = errno;
	if (made && fd != -1)
		give_to_owner(fd, dir);
	if (made)
		(void)fsync(dir);
	(void)close(dir);
	errno = saved;
	return (fd);
}

/* Opens the directory of an object. *name is the last component of the key,
 * inside copy, which has STORE_KEY_MAX + 1 bytes. */
static enum result
open_parent(const struct store *s, const char *key, bool make, char *copy,
    const char **name, int *dir)
{
	char	*part, *slash;

	if (!store_key_valid(key))
		return (INVALID);
	*dir = open(s->private_data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dir == -1) {
		store_set_error(errno);
		log_error("event=store_away root=%s why=\"%s\"",
		    (const char *)s->private_data, strerror(errno));
		return (UNAVAILABLE);
	}
	(void)snprintf(copy, STORE_KEY_MAX + 1, "%s", key);
	part = copy;
	while ((slash = strchr(part, '/')) != NULL) {
		*slash = '\0';
		if ((*dir = open_directory(*dir, part, make)) == -1)
			return (result_of(errno));
		part = slash + 1;
	}
	*name = part;
	return (OK);
}

/* Opens a regular file. O_NONBLOCK prevents that open() blocks on a FIFO. */
static enum result
open_regular(int dir, const char *name, int *fd, struct stat *st)
{
	*fd = openat(dir, name,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (*fd == -1)
		return (result_of(errno));
	if (fstat(*fd, st) == 0 && S_ISREG(st->st_mode))
		return (OK);
	(void)close(*fd);
	return (FAILED);
}

static enum result
folder_open(const struct store *s, const char *key, struct store_object *out)
{
	enum result	 r;
	struct stat	 st;
	const char	*name;
	char		 copy[STORE_KEY_MAX + 1];
	int		 dir;

	if ((r = open_parent(s, key, false, copy, &name, &dir)) != OK)
		return (r);
	r = open_regular(dir, name, &out->fd, &st);
	(void)close(dir);
	if (r != OK)
		return (r);
	out->store = s;
	out->size = st.st_size;
	return (OK);
}

static enum result
folder_read(const struct store_object *o, void *buf, size_t n, int64_t offset)
{
	size_t	 got;
	ssize_t	 r;

	for (got = 0; got < n; got += (size_t)r) {
		r = pread(o->fd, (char *)buf + got, n - got,
		    offset + (int64_t)got);
		if (r == 0)
			return (DAMAGED);
		if (r == -1 && errno != EINTR) {
			store_set_error(errno);
			return (UNAVAILABLE);
		}
		if (r == -1)
			r = 0;
	}
	return (OK);
}

static void
folder_close(struct store_object *o)
{
	(void)close(o->fd);
	o->fd = -1;
}

/* Reads n bytes, or fewer at the end of the file. Returns -1 and sets errno on
 * an error. */
static ssize_t
read_block(int fd, char *buf, size_t n)
{
	size_t	 got;
	ssize_t	 r;

	for (got = 0; got < n; got += (size_t)r) {
		r = read(fd, buf + got, n - got);
		if (r == 0)
			break;
		if (r == -1 && errno != EINTR)
			return (-1);
		if (r == -1)
			r = 0;
	}
	return ((ssize_t)got);
}

static enum result
write_block(int fd, const char *buf, size_t n)
{
	ssize_t	 w;

	while (n > 0) {
		w = write(fd, buf, n);
		if (w == -1 && errno != EINTR)
			return (result_of(errno));
		if (w > 0) {
			buf += w;
			n -= (size_t)w;
		}
	}
	return (OK);
}

/* Compares two files. Returns OK when they are equal, CONFLICT otherwise. */
static enum result
compare_files(int a, int b)
{
	enum result	 r;
	ssize_t		 na, nb;
	char		*buf;

	if ((buf = malloc(2 * (size_t)COPY_BYTES)) == NULL)
		return (FAILED);
	do {
		na = read_block(a, buf, COPY_BYTES);
		nb = read_block(b, buf + COPY_BYTES, COPY_BYTES);
		if (na == -1 || nb == -1)
			r = UNAVAILABLE;
		else if (na != nb ||
		    memcmp(buf, buf + COPY_BYTES, (size_t)na) != 0)
			r = CONFLICT;
		else
			r = OK;
	} while (r == OK && na == COPY_BYTES);
	free(buf);
	return (r);
}

/* Returns how many bytes the file system of fd has besides the kept share. */
static int64_t
room_beyond(int fd, int64_t kept)
{
	struct statvfs	disk;

	if (fstatvfs(fd, &disk) == -1)
		return (INT64_MAX);
	return ((int64_t)(disk.f_bavail * disk.f_frsize) -
	    (int64_t)(disk.f_blocks * disk.f_frsize) / 100 * kept);
}

/* kept: percent of the disk that the copy leaves free. */
static enum result
copy_durably(int from, int to, int64_t kept)
{
	enum result	 r;
	ssize_t		 n;
	char		*buf;

	if ((buf = malloc(COPY_BYTES)) == NULL)
		return (FAILED);
	do {
		n = read_block(from, buf, COPY_BYTES);
		if (kept > 0 && room_beyond(to, kept) < n)
			r = result_of(ENOSPC);
		else
			r = n == -1 ? INVALID : write_block(to, buf,
			    (size_t)n);
	} while (r == OK && n == COPY_BYTES);
	if (r == OK && fsync(to) == -1)
		r = result_of(errno);
	free(buf);
	return (r);
}

static enum result
write_new(int dir, const char *name, int from, int64_t kept)
{
	enum result	 r;
	char		 temp[TEMP_NAME_MAX];
	int		 to;

	(void)snprintf(temp, sizeof(temp), TEMP_PREFIX "%08x%08x",
	    randombytes_random(), randombytes_random());
	to = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0640);
	if (to == -1)
		return (result_of(errno));
	give_to_owner(to, dir);
	r = copy_durably(from, to, kept);
	if (close(to) == -1 && r == OK)
		r = result_of(errno);
	if (r == OK && renameat(dir, temp, dir, name) == -1)
		r = result_of(errno);
	if (r != OK)
		(void)unlinkat(dir, temp, 0);
	else if (fsync(dir) == -1)
		r = result_of(errno);
	return (r);
}

static enum result
put_into(int dir, const char *name, int from, const char *path, int64_t kept)
{
	enum result	 r;
	struct stat	 st;
	int		 there;

	(void)path;
	(void)kept;
	r = open_regular(dir, name, &there, &st);
	if (r == NOT_FOUND)
		return (write_new(dir, name, from, 0));
	if (r != OK)
		return (r);
	/* The process that put it may have crashed before the fsync(). */
	r = compare_files(there, from);
	if (r == OK && (fsync(there) == -1 || fsync(dir) == -1))
		r = result_of(errno);
	(void)close(there);
	return (r);
}

/* Renames the file, or copies it from another file system. */
static enum result
move_into(int dir, const char *name, int from, const char *path, int64_t kept)
{
	enum result	 r;
	struct stat	 st;
	int		 there;

	if ((r = open_regular(dir, name, &there, &st)) == OK)
		(void)close(there);
	if (r != NOT_FOUND)
		return (r == OK ? put_into(dir, name, from, path, kept) : r);
	give_to_owner(from, dir);
	if (fsync(from) == -1)
		return (result_of(errno));
	if (renameat(AT_FDCWD, path, dir, name) == -1)
		return (errno == EXDEV ? write_new(dir, name, from, kept) :
		    result_of(errno));
	return (fsync(dir) == -1 ? result_of(errno) : OK);
}

/* Opens the file at path and the directory of the key, and calls into() to copy
 * or move the file. */
static enum result
folder_bring(const struct store *s, const char *key, const char *path,
    enum result (*into)(int, const char *, int, const char *, int64_t))
{
	enum result	 r;
	const char	*name;
	char		 copy[STORE_KEY_MAX + 1];
	int		 dir, from;

	if ((from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return (INVALID);
	if ((r = open_parent(s, key, true, copy, &name, &dir)) == OK) {
		r = into(dir, name, from, path, s->kept);
		(void)close(dir);
	}
	(void)close(from);
	return (r);
}

static enum result
folder_put(const struct store *s, const char *key, const char *path)
{
	return (folder_bring(s, key, path, put_into));
}

static enum result
folder_take(const struct store *s, const char *key, const char *path)
{
	enum result	 r = folder_bring(s, key, path, move_into);

	if (r == OK)
		(void)unlink(path);	/* exists if it was copied */
	return (r);
}

static enum result
folder_remove(const struct store *s, const char *key)
{
	enum result	 r;
	const char	*name;
	char		 copy[STORE_KEY_MAX + 1];
	int		 dir;

	r = open_parent(s, key, false, copy, &name, &dir);
	if (r == NOT_FOUND)
		return (OK);
	if (r != OK)
		return (r);
	if (unlinkat(dir, name, 0) == -1 && errno != ENOENT)
		r = result_of(errno);
	else if (fsync(dir) == -1)
		r = result_of(errno);
	(void)close(dir);
	return (r);
}

static bool
is_leftover(int dir, const char *name)
{
	struct stat	 st;

	return (strncmp(name, TEMP_PREFIX, strlen(TEMP_PREFIX)) == 0 &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && time(NULL) - st.st_mtime > TEMP_AGE_S);
}

/* Sweeps a directory and those below it, and closes it. Components of keys do
 * not begin with a dot, so other directories that do are skipped. */
static size_t
sweep_directory(int fd)
{
	struct dirent	*e;
	size_t		 swept = 0;
	DIR		*dir;
	int		 below;

	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return (0);
	}
	while ((e = readdir(dir)) != NULL) {
		if (is_leftover(fd, e->d_name))
			swept += unlinkat(fd, e->d_name, 0) == 0;
		if (e->d_name[0] == '.' ||
		    (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
			continue;
		below = openat(fd, e->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below != -1)
			swept += sweep_directory(below);
	}
	(void)closedir(dir);
	return (swept);
}

static size_t
folder_sweep(const struct store *s)
{
	int	 fd;

	fd = open(s->private_data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (fd == -1 ? 0 : sweep_directory(fd));
}

/* Looking "." up needs the right to search the folder, which opening it does
 * not. */
static int
folder_check(const struct store *s, bool write)
{
	int	 below, error = 0, fd;

	fd = open(s->private_data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return (errno);
	below = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (below == -1 || (write && faccessat(fd, ".", W_OK, 0) == -1))
		error = errno;
	if (below != -1)
		(void)close(below);
	(void)close(fd);
	return (error);
}

static int64_t
folder_room(const struct store *s)
{
	int64_t	 room;
	int	 fd;

	fd = open(s->private_data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return (INT64_MAX);	/* writing says what is wrong */
	room = room_beyond(fd, s->kept);
	(void)close(fd);
	return (room);
}

static bool
folder_beside(const struct store *s, const char *folder)
{
	struct stat	a, b;

	return (stat(s->private_data, &a) == 0 && stat(folder, &b) == 0 &&
	    a.st_dev == b.st_dev);
}

struct store *
folder_store_new(const char *root)
{
	struct store	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->private_data = strdup(root)) == NULL)
		log_fatal("event=out_of_memory");
	s->open = folder_open;
	s->read = folder_read;
	s->close = folder_close;
	s->put = folder_put;
	s->take = folder_take;
	s->room = folder_room;
	s->beside = folder_beside;
	s->remove = folder_remove;
	s->sweep = folder_sweep;
	s->check = folder_check;
	return (s);
}
