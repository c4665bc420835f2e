/*
 * A TLS 1.3 client of many connections to 127.0.0.1. Used by tls.js.
 *
 * handshakes rate PORT SECONDS CONNECTIONS full|resume
 *	makes handshakes, as many at once as CONNECTIONS, each until the first
 *	ticket has come, which the next one of "resume" uses. Prints how many,
 *	how many of them were resumed, how many failed, and seconds.
 * handshakes hold PORT COUNT [TARGET [COOKIES]]
 *	opens connections, 50 from each network of 127.0.0.0/8, and asks for
 *	TARGET on each, with the next line of the file COOKIES; without COOKIES
 *	again every 30 s, half the time after which an idle connection is
 *	closed. Prints how many are open; at the end of its input, how many of
 *	them have been closed.
 */
#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#define EVENTS		256
#define A_NETWORK	50	/* connections from a /24 */
#define AT_ONCE		64	/* handshakes of "hold" */
#define AGAIN		30.0	/* seconds */
#define PATIENCE	10.0	/* seconds without any progress */

struct client {
	SSL		*ssl;
	SSL_SESSION	*ticket;
	int		 fd;
	unsigned	 number;
	double		 since;		/* of its last request */
	bool		 shaken, asked, done;
};

static SSL_CTX	*ctx;
static int	 efd, port;
static const char	*target;
static FILE	*cookies;
static bool	 resume;
static unsigned	 made, resumed, failed;

static double
now(void)
{
	struct timespec	t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static int
ticket_came(SSL *ssl, SSL_SESSION *s)
{
	struct client	*c = SSL_get_app_data(ssl);

	c->done = true;
	SSL_SESSION_free(c->ticket);
	c->ticket = s;
	return (1);
}

static int
socket_open(unsigned number, bool spread)
{
	struct sockaddr_in	to = { .sin_family = AF_INET }, from = to;
	unsigned		network = number / A_NETWORK;
	int			fd, on = 1;

	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	from.sin_addr.s_addr = htonl(spread ? 0x7f010001 + (network << 8) :
	    INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		err(1, "socket");
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == -1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		err(1, "connect");
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return (fd);
}

static void
client_open(struct client *c, bool spread)
{
	struct epoll_event	e = { .events = EPOLLIN, .data.ptr = c };

	c->fd = socket_open(c->number, spread);
	c->shaken = c->asked = c->done = false;
	if ((c->ssl = SSL_new(ctx)) == NULL || !SSL_set_fd(c->ssl, c->fd))
		errx(1, "SSL_new");
	SSL_set_app_data(c->ssl, c);
	if (resume && c->ticket != NULL)
		SSL_set_session(c->ssl, c->ticket);
	SSL_set_connect_state(c->ssl);
	if (epoll_ctl(efd, EPOLL_CTL_ADD, c->fd, &e) == -1)
		err(1, "epoll_ctl");
}

/* Resets the connection: no port is left waiting. */
static void
client_close(struct client *c)
{
	struct linger	l = { 1, 0 };

	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	SSL_set_quiet_shutdown(c->ssl, 1);
	SSL_shutdown(c->ssl);	/* or the ticket is not used again */
	SSL_free(c->ssl);
	close(c->fd);
	c->ssl = NULL;
}

static void
client_ask(struct client *c)
{
	char	 head[2048], line[1024] = "";
	int	 n;

	c->asked = true;
	c->since = now();
	if (cookies != NULL && fgets(line, sizeof(line), cookies) == NULL)
		errx(1, "too few cookies");
	line[strcspn(line, "\n")] = '\0';
	n = snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\n"
	    "Host: localhost\r\n%s%s\r\n\r\n", target,
	    line[0] == '\0' ? "X: y" : "Cookie: ", line);
	if (SSL_write(c->ssl, head, n) != n)
		errx(1, "SSL_write");
}

/* Goes on with a connection. Returns whether it has been closed. */
static bool
client_step(struct client *c)
{
	char	buf[16384];
	int	n;

	ERR_clear_error();	/* of another connection */
	if (!c->shaken) {
		if ((n = SSL_connect(c->ssl)) != 1)
			return (SSL_get_error(c->ssl, n) !=
			    SSL_ERROR_WANT_READ);
		c->shaken = true;
	}
	if (target != NULL && !c->asked)
		client_ask(c);
	while ((n = SSL_read(c->ssl, buf, sizeof(buf))) > 0) {
		if (!c->done && memcmp(buf, "HTTP/1.1 200", 12) != 0)
			errx(1, "%.*s", n, buf);
		c->done = true;
	}
	return (SSL_get_error(c->ssl, n) != SSL_ERROR_WANT_READ);
}

static void
count(struct client *c, bool closed)
{
	if (closed && !c->done)
		failed++;
	else {
		made++;
		resumed += SSL_session_reused(c->ssl) == 1;
	}
	client_close(c);
	client_open(c, false);
	(void)client_step(c);
}

static int
rate(double seconds, unsigned n)
{
	struct client		*all = calloc(n, sizeof(*all)), *c;
	struct epoll_event	 e[EVENTS];
	double			 start;
	bool			 closed;
	unsigned		 i;
	int			 got;

	for (i = 0; i < n; i++) {
		client_open(&all[i], false);
		(void)client_step(&all[i]);
	}
	for (start = now(); now() - start < seconds;) {
		got = epoll_wait(efd, e, EVENTS, 1000);
		for (i = 0; got > 0 && i < (unsigned)got; i++) {
			c = e[i].data.ptr;
			closed = client_step(c);
			if (closed || c->done)
				count(c, closed);
		}
	}
	printf("%u %u %u %.3f\n", made, resumed, failed, now() - start);
	return (0);
}

static unsigned
events(unsigned *closed)
{
	struct epoll_event	 e[EVENTS];
	struct client		*c;
	unsigned		 done = 0;
	int			 i, got = epoll_wait(efd, e, EVENTS, 100);
	bool			 before;

	for (i = 0; i < got; i++) {
		c = e[i].data.ptr;
		before = c->done;
		if (client_step(c)) {
			(void)epoll_ctl(efd, EPOLL_CTL_DEL, c->fd, NULL);
			(*closed)++;
			c->since = 1e18;	/* never again */
			done += !before;
			continue;
		}
		if (target == NULL)
			c->done = c->shaken;
		done += !before && c->done;
	}
	return (done);
}

static void
ask_again(struct client *all, unsigned n)
{
	unsigned	i;
	double		t = now();

	for (i = 0; i < n && target != NULL && cookies == NULL; i++)
		if (all[i].done && t - all[i].since > AGAIN)
			client_ask(&all[i]);
}

static int
hold(unsigned n)
{
	struct client	*all = calloc(n, sizeof(*all));
	struct pollfd	 p = { .events = POLLIN };
	unsigned	 opened = 0, done = 0, closed = 0, more;
	double		 last = now();
	char		 buf[64];

	while (done < n && now() - last < PATIENCE) {
		for (; opened < n && opened - done < AT_ONCE; opened++) {
			all[opened].number = opened;
			client_open(&all[opened], true);
			(void)client_step(&all[opened]);
		}
		done += more = events(&closed);
		last = more > 0 ? now() : last;
		ask_again(all, opened);
	}
	printf("%u\n", done - closed);
	fflush(stdout);
	while (poll(&p, 1, 0) == 0 || read(0, buf, sizeof(buf)) > 0) {
		(void)events(&closed);
		ask_again(all, opened);
	}
	printf("%u\n", closed);
	return (0);
}

int
main(int argc, char **argv)
{
	struct rlimit	rl;

	if (argc < 4)
		errx(2, "usage");
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
	}
	port = atoi(argv[2]);
	if ((ctx = SSL_CTX_new(TLS_client_method())) == NULL ||
	    (efd = epoll_create1(0)) == -1)
		errx(1, "no context");
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	if (strcmp(argv[1], "hold") == 0) {
		target = argc > 4 ? argv[4] : NULL;
		if (argc > 5 && (cookies = fopen(argv[5], "r")) == NULL)
			err(1, "%s", argv[5]);
		return (hold((unsigned)atoi(argv[3])));
	}
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, ticket_came);
	resume = argc > 5 && strcmp(argv[5], "resume") == 0;
	return (rate(atof(argv[3]), (unsigned)atoi(argv[4])));
}
