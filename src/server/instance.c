/* The folder of an instance; see instance.h. */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "server/instance.h"

#define INSTANCES	2	/* the old one and the new one */

/* "state_dir/0.0.0.0-8443-1"; listen may be any text. */
static char *
folder_path(const struct settings *s, int number)
{
	struct buf	 b = { 0 };
	char		*p;
	size_t		 at;

	buf_printf(&b, "%s/", s->state_dir);
	at = b.len;
	buf_printf(&b, "%s-%lld-%d", s->listen, (long long)s->port, number);
	for (p = b.data + at; *p != '\0'; p++)
		if (*p == '/')
			*p = '_';
	return (b.data);
}

/* Locks the folder; *pid is that of the owner when another process has it.
 * Returns the descriptor of the lock, or -1 with errno. */
static int
folder_lock(const char *folder, long *pid)
{
	struct buf	 b = { 0 };
	char		 text[24] = "";
	int		 fd, error;

	buf_printf(&b, "%s/lock", folder);
	fd = open(b.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	buf_dispose(&b);
	if (fd == -1)
		return (-1);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		buf_printf(&b, "%ld\n", (long)getpid());
		if (ftruncate(fd, 0) == 0)
			(void)!write(fd, b.data, b.len);
		buf_dispose(&b);
		return (fd);
	}
	error = errno;
	if (read(fd, text, sizeof(text) - 1) > 0)
		*pid = strtol(text, NULL, 10);
	(void)close(fd);
	errno = error;
	return (-1);
}

static void
instance_fail(const struct settings *s, int error, const long *pids,
    char **why)
{
	struct buf	b = { 0 };

	if (error == EWOULDBLOCK)
		buf_printf(&b, "state_dir %s: port %lld of %s has an old and a "
		    "new instance already, processes %ld and %ld: end one of "
		    "them first", s->state_dir, (long long)s->port, s->listen,
		    pids[0], pids[1]);
	else
		buf_printf(&b, "state_dir %s: can't have a folder for this "
		    "instance: %s", s->state_dir, strerror(error));
	*why = b.data;
}

char *
instance_take(const struct settings *s, char **why)
{
	long	 pids[INSTANCES] = { 0 };
	char	*folder;
	int	 error = 0, i;

	for (i = 0; i < INSTANCES; i++) {
		folder = folder_path(s, i + 1);
		/* the lock stays open in this process and in Kore's parent */
		if ((mkdir(folder, 0755) == 0 || errno == EEXIST) &&
		    folder_lock(folder, &pids[i]) != -1)
			return (folder);
		error = errno;
		free(folder);
		if (error != EWOULDBLOCK)
			break;
	}
	instance_fail(s, error, pids, why);
	return (NULL);
}
