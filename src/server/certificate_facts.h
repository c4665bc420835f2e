/* Facts about a certificate file, for `smartrecord doctor`. */
#ifndef SERVER_CERTIFICATE_FACTS_H
#define SERVER_CERTIFICATE_FACTS_H

#include <stdbool.h>

struct certificate_facts {
	bool	readable;	/* a PEM certificate */
	bool	begun;		/* notBefore is past */
	int	days;		/* until notAfter; negative: it is over */
	bool	host;		/* valid for the host */
};

/* Reads the first certificate of the PEM file at path. host is a DNS name. */
void	certificate_look(const char *path, const char *host,
	    struct certificate_facts *out);

#endif
