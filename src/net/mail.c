/* Sends mail; see mail.h. */
#include <curl/curl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/mail.h"

#define FOLDER		"folder:"
#define CONNECT_S	10L
#define ALL_S		60L	/* much less than mail_claim()'s lease */

struct transfer {
	struct buf	 message;
	size_t		 sent;
	bool		 (*going)(void *);
	void		*arg;
};

static bool
has_prefix(const char *s, const char *with)
{
	return (strncmp(s, with, strlen(with)) == 0);
}

const char *
mail_start(const struct settings *s)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ("libcurl can't be used");
	if (strcmp(s->mail_starttls, "required") != 0 &&
	    strcmp(s->mail_starttls, "off") != 0)
		return ("mail_starttls is required or off");
	if (s->mail_url[0] == '\0')
		return (NULL);
	if (!has_prefix(s->mail_url, "smtp://") &&
	    !has_prefix(s->mail_url, "smtps://") &&
	    !has_prefix(s->mail_url, FOLDER "/"))
		return ("mail_url is smtp://host:port, smtps://host:port or "
		    "folder:/absolute/path");
	if (!address_valid(s->mail_from))
		return ("mail_from is no e-mail address");
	return (NULL);
}

static size_t
mail_read(char *out, size_t size, size_t count, void *arg)
{
	struct transfer	*t = arg;
	size_t		 n = t->message.len - t->sent;

	if (n > size * count)
		n = size * count;
	memcpy(out, t->message.data + t->sent, n);
	t->sent += n;
	return (n);
}

static int
mail_progress(void *arg, curl_off_t down, curl_off_t down_now, curl_off_t up,
    curl_off_t up_now)
{
	struct transfer	*t = arg;

	(void)down;
	(void)down_now;
	(void)up;
	(void)up_now;
	return (t->going(t->arg) ? 0 : 1);
}

static void
set_server(CURL *curl, const struct settings *s)
{
	(void)curl_easy_setopt(curl, CURLOPT_URL, s->mail_url);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	(void)curl_easy_setopt(curl, CURLOPT_USE_SSL,
	    (long)(strcmp(s->mail_starttls, "off") == 0 ? CURLUSESSL_NONE :
	    CURLUSESSL_ALL));
	if (s->mail_user[0] != '\0') {
		(void)curl_easy_setopt(curl, CURLOPT_USERNAME, s->mail_user);
		(void)curl_easy_setopt(curl, CURLOPT_PASSWORD,
		    s->mail_password);
	}
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, ALL_S);
}

static void
set_transfer(CURL *curl, struct transfer *t)
{
	(void)curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_READFUNCTION, mail_read);
	(void)curl_easy_setopt(curl, CURLOPT_READDATA, t);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, mail_progress);
	(void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
}

/* Maps libcurl's result. A permanent failure (5xx) concerns the message, except
 * when login, TLS or access to the server failed: then the settings are wrong,
 * and the message is retried. */
static enum result
smtp_outcome(CURL *curl, CURLcode r, char why[MAIL_WHY])
{
	long	code = 0;

	if (r == CURLE_OK)
		return (OK);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	(void)snprintf(why, MAIL_WHY, "%s (%ld)", curl_easy_strerror(r), code);
	if (code < 500 || r == CURLE_LOGIN_DENIED ||
	    r == CURLE_USE_SSL_FAILED || r == CURLE_REMOTE_ACCESS_DENIED)
		return (UNAVAILABLE);
	return (INVALID);
}

static enum result
send_smtp(const struct settings *s, const struct message *m,
    struct transfer *t, char why[MAIL_WHY])
{
	struct curl_slist	*to = curl_slist_append(NULL, m->to);
	CURL			*curl = curl_easy_init();
	enum result		 r = UNAVAILABLE;

	(void)snprintf(why, MAIL_WHY, "out of memory");
	if (to != NULL && curl != NULL) {
		set_server(curl, s);
		set_transfer(curl, t);
		(void)curl_easy_setopt(curl, CURLOPT_MAIL_FROM, m->from);
		(void)curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
		r = smtp_outcome(curl, curl_easy_perform(curl), why);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(to);
	return (r);
}

/* Writes the message as readable text, not in the format of RFC 5322. */
static enum result
write_file(const char *folder, const struct message *m, char why[MAIL_WHY])
{
	char	path[4096];
	FILE	*f = NULL;
	int	fd;

	(void)snprintf(path, sizeof(path), "%s/%s.txt", folder, m->id);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd != -1)
		f = fdopen(fd, "w");
	if (f != NULL && fprintf(f, "To: %s\nSubject: %s\n\n%s", m->to,
	    m->subject, m->text) > 0 && fclose(f) == 0)
		return (OK);
	(void)snprintf(why, MAIL_WHY, "%s", strerror(errno));
	return (UNAVAILABLE);
}

enum result
mail_send(const struct settings *s, const struct message *m,
    bool (*going)(void *), void *arg, char why[MAIL_WHY])
{
	struct transfer	t = { { NULL, 0, 0 }, 0, going, arg };
	enum result	r;

	if (!address_valid(m->to)) {
		(void)snprintf(why, MAIL_WHY, "address");
		return (INVALID);
	}
	if (s->mail_url[0] == '\0') {
		(void)snprintf(why, MAIL_WHY, "mail_url is not set");
		return (UNAVAILABLE);
	}
	if (has_prefix(s->mail_url, FOLDER))
		return (write_file(s->mail_url + strlen(FOLDER), m, why));
	message_write(m, &t.message);
	r = send_smtp(s, m, &t, why);
	buf_dispose(&t.message);
	return (r);
}

static size_t
probe_ignore(char *bytes, size_t size, size_t count, void *arg)
{
	(void)bytes;
	(void)arg;
	return (size * count);
}

enum result
mail_probe(const struct settings *s, char why[MAIL_WHY])
{
	const char	*folder = s->mail_url + strlen(FOLDER);
	CURL		*curl;
	enum result	 r;

	if (has_prefix(s->mail_url, FOLDER)) {
		if (access(folder, W_OK | X_OK) == 0)
			return (OK);
		(void)snprintf(why, MAIL_WHY, "%s", strerror(errno));
		return (UNAVAILABLE);
	}
	if ((curl = curl_easy_init()) == NULL) {
		(void)snprintf(why, MAIL_WHY, "out of memory");
		return (UNAVAILABLE);
	}
	set_server(curl, s);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, CONNECT_S);
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "NOOP");
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, probe_ignore);
	r = smtp_outcome(curl, curl_easy_perform(curl), why);
	curl_easy_cleanup(curl);
	return (r == OK ? OK : UNAVAILABLE);
}
