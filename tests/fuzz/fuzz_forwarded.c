/*
 * Forwarded, X-Forwarded-For and chunked bodies. When a trusted proxy appends
 * its own element to any text of a client, either the field is refused or the
 * client is the address that the proxy has appended. A chunked body decodes
 * alike in one piece and byte by byte.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/chunked.h"
#include "server/forwarded.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
require(int truth)
{
	if (!truth)
		abort();
}

static void
check_client(const struct forwarded *f)
{
	char	text[IP_TEXT];

	require(f->known);
	ip_text(&f->ip, text);
	require(strcmp(text, "192.0.2.1") == 0);
}

static void
check_appended(const uint8_t *data, size_t size, const char *legacy,
    const char *standard)
{
	static struct ip_networks	 trusted;
	struct forwarded		 f = { .known = false };
	char				*text = malloc(size + 64), *why;

	if (trusted.n == 0)
		require(ip_networks_parse(&trusted, "10.0.0.0/8", &why));
	memcpy(text, data, size);
	strcpy(text + size, legacy);
	forwarded_for_read(&f, &trusted, text, size + strlen(legacy));
	check_client(&f);
	memset(&f, 0, sizeof(f));
	strcpy(text + size, standard);
	if (forwarded_read(&f, &trusted, text, size + strlen(standard)))
		check_client(&f);
	free(text);
}

static void
check_chunked(const uint8_t *data, size_t size)
{
	struct chunked	 whole = { 0, 0, 0 }, single = { 0, 0, 0 };
	char		*in = malloc(size == 0 ? 1 : size), *a, *b;
	size_t		 used, made, n, one, i, total = 0;
	int		 status, last = CHUNKED_MORE;

	a = malloc(size == 0 ? 1 : size);
	b = malloc(size == 0 ? 1 : size);
	memcpy(in, data, size);
	status = chunked_decode(&whole, in, size, &used, a, &made);
	require(used <= size && made <= used);
	require(status != CHUNKED_MORE || used == size);
	for (i = 0; i < size && last == CHUNKED_MORE; i += n) {
		last = chunked_decode(&single, in + i, 1, &n, b + total, &one);
		require(n == 1);
		total += one;
	}
	require(last == status && total == made && i == used);
	require(memcmp(a, b, made) == 0);
	free(in);
	free(a);
	free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_appended(data, size, ", 192.0.2.1", ", for=192.0.2.1");
	check_appended(data, size, ", 192.0.2.1, 10.0.0.1",
	    ", for=\"192.0.2.1:80\", for=10.0.0.1");
	check_chunked(data, size);
	return (0);
}
