/* Checks header fields of replies; see reply_field.h. */
#include <kore/kore.h>
#include <kore/http.h>

#include <stdbool.h>

#include "base/log.h"
#include "server/gate_parse.h"
#include "server/reply_field.h"

void	__real_http_response_header(struct http_request *, const char *,
	    const char *);
void	__wrap_http_response_header(struct http_request *, const char *,
	    const char *);

/* Checks a header field of a reply, so that a value cannot add another
 * field. */
static bool
field_valid(const char *name, const char *value)
{
	const char	*p;

	if (!gate_token(name, strlen(name))) {
		log_error("event=header_dropped name=-");
		return (false);
	}
	for (p = value; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f) {
			log_error("event=header_dropped name=%s", name);
			return (false);
		}
	return (true);
}

void
__wrap_http_response_header(struct http_request *req, const char *name,
    const char *value)
{
	if (field_valid(name, value))
		__real_http_response_header(req, name, value);
}

void
reply_field_add(struct http_request *req, const char *name, const char *value)
{
	struct http_header	*h;

	if (!field_valid(name, value))
		return;
	h = kore_pool_get(&http_header_pool);
	h->header = kore_strdup(name);
	h->value = kore_strdup(value);
	TAILQ_INSERT_TAIL(&req->resp_headers, h, list);
}
