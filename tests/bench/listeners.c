/*
 * listeners PORT SECONDS RATE < LIST - plays many streams at the speed of
 * sound over TLS. A line of LIST is a listener: the value of the header Cookie,
 * a tab, the target, a tab, the first byte. Each has a buffer of 5 seconds,
 * which it keeps full and which RATE bytes a second leave from its first full
 * second on; when it is empty, that is an underrun, and the listener waits for
 * the next second. Prints one line of JSON when the SECONDS are over, which
 * begin when all are connected. Used by tests/bench/sound.js.
 */
#include <sys/socket.h>
#include <sys/types.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define BUFFER_S	5
#define TICK_US		10000
#define STARTS		1	/* new connections a tick */
#define RECEIVE		32768	/* bytes that the kernel may hold back */

struct listener {
	char	*cookie, *target, *first;
	SSL	*tls;
	bool	 connected, playing, broken, starved;
	double	 since;		/* seconds: asked */
	double	 began;		/* first second complete */
	double	 played_at;	/* `held` was computed */
	double	 held;		/* bytes in the buffer */
	size_t	 bytes, head;	/* received; head: of the response's head */
	char	 seen[4];	/* last bytes of the head */
};

static double	 rate;
static long	 underruns;

static double
now_s(void)
{
	struct timespec	t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static void
start(struct listener *l, SSL_CTX *ctx, int port)
{
	struct sockaddr_in	a = { .sin_family = AF_INET };
	int			fd, size = RECEIVE;

	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		fail("socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		fail("connect");
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    (l->tls = SSL_new(ctx)) == NULL || SSL_set_fd(l->tls, fd) != 1)
		fail("SSL");
}

static void
ask(struct listener *l)
{
	char	text[2048];
	int	n;

	n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n"
	    "Host: localhost\r\nCookie: %s\r\nRange: bytes=%s-\r\n\r\n",
	    l->target, l->cookie, l->first);
	if (SSL_write(l->tls, text, n) != n)
		l->broken = true;
	l->since = now_s();
}

static void
greet(struct listener *l)
{
	int	r = SSL_connect(l->tls);

	if (r == 1) {
		l->connected = true;
		ask(l);
	} else if (SSL_get_error(l->tls, r) != SSL_ERROR_WANT_READ)
		l->broken = true;
}

/* Counts what is sound of n received bytes. */
static void
take(struct listener *l, const char *bytes, int n)
{
	int	i = 0;

	for (; i < n && memcmp(l->seen, "\r\n\r\n", 4) != 0; i++) {
		memmove(l->seen, l->seen + 1, 3);
		l->seen[3] = bytes[i];
		if (l->head++ == 9 && bytes[i] != '2') {
			fprintf(stderr, "%.*s\n", 12, bytes);
			l->broken = true;
		}
	}
	l->bytes += (size_t)(n - i);
	l->held += n - i;
}

static void
play(struct listener *l, double now)
{
	if (!l->playing && l->held >= rate) {
		l->playing = true;
		if (l->began == 0)
			l->began = now;
	} else if (l->playing) {
		l->held -= (now - l->played_at) * rate;
		if (l->held < 0) {
			l->held = 0;
			l->playing = false;
			l->starved = true;
			underruns++;
		}
	}
	l->played_at = now;
}

static void
hear(struct listener *l)
{
	char	bytes[16384];
	int	n = 1;

	if (l->broken || l->tls == NULL)
		return;
	if (!l->connected) {
		greet(l);
		return;
	}
	play(l, now_s());
	while (n > 0 && l->held < BUFFER_S * rate) {
		if ((n = SSL_read(l->tls, bytes, sizeof(bytes))) > 0)
			take(l, bytes, n);
		else if (SSL_get_error(l->tls, n) != SSL_ERROR_WANT_READ)
			l->broken = true;
	}
}

static int
compare(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

static void
report(const struct listener *all, size_t n)
{
	double	*began = calloc(n + 1, sizeof(*began)), bytes = 0;
	size_t	 i, heard = 0, starved = 0, broken = 0;

	for (i = 0; i < n; i++) {
		if (all[i].began > 0)
			began[heard++] = all[i].began - all[i].since;
		starved += all[i].starved;
		broken += all[i].broken;
		bytes += (double)all[i].bytes;
	}
	qsort(began, heard, sizeof(*began), compare);
	printf("{\"heard\":%zu,\"starved\":%zu,\"underruns\":%ld,"
	    "\"broken\":%zu,\"bytes\":%.0f,\"began_p50\":%.3f,"
	    "\"began_p95\":%.3f,\"began_max\":%.3f}\n", heard, starved,
	    underruns, broken, bytes, began[heard / 2],
	    began[heard * 95 / 100], heard > 0 ? began[heard - 1] : 0);
	free(began);
}

static struct listener *
read_list(size_t *n)
{
	struct listener	*all = NULL;
	char		*line = NULL;
	size_t		 cap = 0;

	for (*n = 0; getline(&line, &cap, stdin) > 0; line = NULL, cap = 0) {
		if ((all = realloc(all, (*n + 1) * sizeof(*all))) == NULL)
			fail("realloc");
		memset(&all[*n], 0, sizeof(*all));
		all[*n].cookie = strtok(line, "\t\n");
		all[*n].target = strtok(NULL, "\t\n");
		if ((all[*n].first = strtok(NULL, "\t\n")) == NULL)
			fail("list");
		(*n)++;
	}
	free(line);
	return (all);
}

int
main(int argc, char **argv)
{
	struct listener	*all;
	SSL_CTX		*ctx = SSL_CTX_new(TLS_client_method());
	size_t		 i, n, started = 0;
	double		 end = 0;
	int		 k;

	if (argc < 4 || ctx == NULL) {
		fprintf(stderr, "usage: listeners PORT SECONDS RATE < LIST\n");
		return (2);
	}
	rate = atof(argv[3]);
	all = read_list(&n);
	while (end == 0 || now_s() < end) {
		for (k = 0; k < STARTS && started < n; k++)
			start(&all[started++], ctx, atoi(argv[1]));
		if (started == n && end == 0) {
			end = now_s() + atof(argv[2]);
			fprintf(stderr, "all\n");
		}
		for (i = 0; i < started; i++)
			hear(&all[i]);
		usleep(TICK_US);
	}
	report(all, n);
	return (0);
}
