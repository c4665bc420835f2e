/* The file of the log, see log_file.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/log_file.h"
#include "base/why.h"

#define MODE		0640
#define PIPE_SIZE	(1 << 20)	/* the kernel's limit for users */

static const char	*path;
static int		 file = -1;	/* keeps its number when reopened */
static int		 ends[2] = { -1, -1 };
static pthread_t	 thread;

static int
file_open(void)
{
	return (open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY, MODE));
}

bool
log_file_open(const char *name, char **why)
{
	if (*name == '\0')
		return (true);
	path = name;
	if ((file = file_open()) == -1)
		return (why_not(why, "log_file %s: %s", path,
		    strerror(errno)));
	log_descriptor(file);
	return (true);
}

void
log_file_reopen(void)
{
	int	fd;

	if (file == -1)
		return;
	if ((fd = file_open()) == -1) {
		log_error("event=log_file_failed file=\"%s\" why=\"%s\"", path,
		    strerror(errno));
		return;
	}
	/* Replaces the file under a thread that is writing to it. */
	(void)dup3(fd, file, O_CLOEXEC);
	close(fd);
}

void
log_relay_open(void)
{
	if (file == -1)
		return;
	if (pipe2(ends, O_CLOEXEC) == -1)
		log_fatal("event=no_pipe why=\"%s\"", strerror(errno));
	(void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
}

void
log_relay_child(void)
{
	if (file == -1)
		return;
	(void)dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
	close(file);
	file = -1;
	log_descriptor(STDERR_FILENO);
}

/* Writes to the file. An error is told on standard error, once: the service
 * does not depend on its log. */
static void
relay_write(const char *p, size_t n)
{
	static bool	failed;
	ssize_t		written;

	while (n > 0) {
		written = write(file, p, n);
		if (written == -1 && errno == EINTR)
			continue;
		if (written <= 0) {
			if (!failed)
				dprintf(STDERR_FILENO, "smartrecord serve: "
				    "log_file %s: %s\n", path,
				    strerror(errno));
			failed = true;
			return;
		}
		failed = false;
		p += written;
		n -= (size_t)written;
	}
}

/* Copies whole lines, so that no line is in two files. */
static void *
relay_run(void *unused)
{
	static char	buf[65536];
	size_t		len = 0, whole;
	ssize_t		n;
	char		*newline;

	while ((n = read(ends[0], buf + len, sizeof(buf) - len)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		len += (size_t)n;
		newline = memrchr(buf, '\n', len);
		whole = newline != NULL ? (size_t)(newline + 1 - buf) :
		    len == sizeof(buf) ? len : 0;
		relay_write(buf, whole);
		len -= whole;
		memmove(buf, buf + whole, len);
	}
	relay_write(buf, len);
	return (unused);
}

void
log_relay_start(void)
{
	if (file == -1)
		return;
	close(ends[1]);
	if (pthread_create(&thread, NULL, relay_run, NULL) != 0)
		log_fatal("event=no_thread");
}

void
log_relay_end(void)
{
	if (file != -1)
		(void)pthread_join(thread, NULL);
}
