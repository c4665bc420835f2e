/* Facts about a certificate file; see certificate_facts.h. */
#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "server/certificate_facts.h"

void
certificate_look(const char *path, const char *host,
    struct certificate_facts *out)
{
	FILE	*f = fopen(path, "re");
	X509	*cert = NULL;
	int	 days = 0, seconds = 0;

	memset(out, 0, sizeof(*out));
	if (f != NULL) {
		cert = PEM_read_X509(f, NULL, NULL, NULL);
		fclose(f);
	}
	if (cert == NULL)
		return;
	out->readable = true;
	out->begun = X509_cmp_current_time(X509_get0_notBefore(cert)) < 0;
	(void)ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert));
	/* over by less than a day is 0 days and negative seconds */
	out->days = days == 0 && seconds < 0 ? -1 : days;
	out->host = X509_check_host(cert, host, strlen(host), 0, NULL) == 1;
	X509_free(cert);
}
