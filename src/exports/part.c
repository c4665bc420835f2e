/*
 * The files of archives being made. Each is locked; the kernel releases the
 * lock when its process ends, so an unlocked file is one that a dead maker
 * left.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "exports/exports.h"
#include "exports/maker.h"

#define ENDING	".part"

int
part_open(const char *dir, const char *worker, char **path)
{
	struct stat	 st;
	int		 fd;

	if (asprintf(path, "%s/export-%s" ENDING, dir, worker) == -1)
		log_fatal("event=out_of_memory");
	fd = open(*path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0640);
	/* st_nlink 0: a sweep removed it before it was locked */
	if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    fstat(fd, &st) == 0 && st.st_nlink == 1)
		return (fd);
	if (fd != -1)
		(void)close(fd);
	free(*path);
	*path = NULL;
	return (-1);
}

static bool
is_part(const char *name)
{
	size_t	n = strlen(name);

	return (strncmp(name, "export-", 7) == 0 && n > strlen(ENDING) &&
	    strcmp(name + n - strlen(ENDING), ENDING) == 0);
}

static bool
remove_dead(int dir, const char *name)
{
	bool	 dead;
	int	 fd;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK);
	if (fd == -1)
		return (false);
	dead = flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    unlinkat(dir, name, 0) == 0;
	(void)close(fd);
	return (dead);
}

size_t
making_sweep(const struct settings *s)
{
	struct dirent	*e;
	size_t		 n = 0;
	DIR		*dir;

	if ((dir = opendir(s->export_dir)) == NULL)
		return (0);
	while ((e = readdir(dir)) != NULL)
		if (is_part(e->d_name))
			n += remove_dead(dirfd(dir), e->d_name);
	(void)closedir(dir);
	return (n);
}
