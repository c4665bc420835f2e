/* The response of a refusal; see gate_refusal.h. */
#include <sys/types.h>
#include <sys/socket.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "server/gate_parse.h"
#include "server/gate_refusal.h"
#include "server/headers.h"
#include "server/request_log.h"

static void
send_text(struct connection *c, const char *s)
{
	net_send_queue(c, s, strlen(s));
}

/* Kore has no text for 429 (RFC 6585 section 4). */
static const char *
status_text(int status)
{
	return (status == 429 ? "Too Many Requests" :
	    http_status_text(status));
}

static bool
page_fits(const struct gate_head *h, int status)
{
	return ((status == 503 || status == 429) && (h->target_len < 5 ||
	    memcmp(h->target, "/api/", 5) != 0));
}

/* Writes the body. Returns its media type. */
static const char *
body_write(const struct gate_head *h, int status, char *out, size_t cap)
{
	if (page_fits(h, status)) {
		snprintf(out, cap, "<!doctype html>\n<html lang=\"fr\"><meta "
		    "charset=\"utf-8\"><title>Service saturé</title>\n"
		    "<h1>Service momentanément saturé</h1>\n<p>Réessayez dans "
		    "quelques secondes. <span lang=\"en\">The service is busy: "
		    "try again in a few seconds.</span></p></html>\n");
		return ("text/html; charset=utf-8");
	}
	snprintf(out, cap, "{\"type\":\"about:blank\",\"title\":\"%s\","
	    "\"status\":%d}\n", status_text(status), status);
	return ("application/problem+json");
}

static const char *
retry_after(int status)
{
	switch (status) {
	case 429:
		return ("retry-after: 5\r\n");
	case 503:
		return ("retry-after: 2\r\n");
	default:
		return ("");
	}
}

void
gate_refusal(struct connection *c, const struct gate_head *h, int status,
    const struct ip *client)
{
	const struct header_field	*f;
	char				 body[512], head[512], address[IP_TEXT];
	bool				 bodiless;
	const char			*type;

	bodiless = strcmp(h->method, "HEAD") == 0;
	type = body_write(h, status, body, sizeof(body));
	snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\n"
	    "server: smartrecord\r\ndate: %s\r\nconnection: close\r\n"
	    "strict-transport-security: max-age=31536000\r\n"
	    "cache-control: no-store\r\n%scontent-type: %s\r\n"
	    "content-length: %zu\r\n", status, status_text(status),
	    header_date(), retry_after(status), type, strlen(body));
	send_text(c, head);
	for (f = security_headers; f->name != NULL; f++) {
		send_text(c, f->name);
		send_text(c, ": ");
		send_text(c, f->value);
		send_text(c, "\r\n");
	}
	send_text(c, "\r\n");
	if (!bodiless)
		send_text(c, body);
	ip_text(client, address);
	request_log_refused(address, h->method, status,
	    bodiless ? 0 : strlen(body));
}
