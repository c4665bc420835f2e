/* Unit tests of session tickets: two contexts are two workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "server/tickets.h"

static EVP_PKEY		*key;
static X509		*cert;
static SSL_SESSION	*ticket;	/* that the client got last */
static int64_t		 now;

static SSL_CTX *
worker(int version)
{
	SSL_CTX	*ctx = SSL_CTX_new(TLS_server_method());

	assert_int_equal(SSL_CTX_use_certificate(ctx, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	SSL_CTX_set_max_proto_version(ctx, version);
	tickets_use(ctx);
	return (ctx);
}

/* A handshake with a worker, with the ticket of the one before. Returns whether
 * it was resumed. */
static int
shake(SSL_CTX *server_ctx)
{
	SSL_CTX	*client_ctx = SSL_CTX_new(TLS_client_method());
	SSL	*client = SSL_new(client_ctx), *server = SSL_new(server_ctx);
	BIO	*a, *b;
	char	 byte;
	int	 i, reused;

	assert_int_equal(BIO_new_bio_pair(&a, 0, &b, 0), 1);
	SSL_set_bio(client, a, a);
	SSL_set_bio(server, b, b);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	if (ticket != NULL)
		assert_int_equal(SSL_set_session(client, ticket), 1);
	for (i = 0; i < 4; i++) {
		(void)SSL_do_handshake(client);
		(void)SSL_do_handshake(server);
	}
	(void)SSL_read(client, &byte, 1);	/* tickets follow */
	assert_true(SSL_is_init_finished(client));
	assert_true(SSL_is_init_finished(server));
	reused = SSL_session_reused(server);
	assert_int_equal(SSL_session_reused(client), reused);
	SSL_SESSION_free(ticket);
	ticket = SSL_get1_session(client);
	(void)SSL_shutdown(client);
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(client_ctx);
	return (reused);
}

static void
renew(unsigned times)
{
	while (times-- > 0)
		tickets_renew(now += TICKET_KEY_MS);
}

static void
forget(void)
{
	SSL_SESSION_free(ticket);
	ticket = NULL;
}

static void
test_resumption(int version)
{
	SSL_CTX	*one = worker(version), *two = worker(version);

	assert_false(shake(one));
	assert_true(shake(two));
	assert_true(shake(one));
	tickets_renew(now + TICKET_KEY_MS - 1);	/* not yet */
	assert_true(shake(two));
	renew(2);	/* as long as a ticket is valid */
	assert_true(shake(two));
	renew(2);	/* the last one came under a newer key */
	assert_true(shake(one));
	renew(3);
	assert_false(shake(one));
	assert_true(shake(two));
	forget();
	SSL_CTX_free(one);
	SSL_CTX_free(two);
}

static void
test_13(void **state)
{
	(void)state;
	test_resumption(TLS1_3_VERSION);
}

static void
test_12(void **state)
{
	(void)state;
	test_resumption(TLS1_2_VERSION);
}

/* What encrypts tickets of a context of its own is accepted by no other. */
static void
test_foreign(void **state)
{
	SSL_CTX	*ours = worker(TLS1_3_VERSION);
	SSL_CTX	*other = SSL_CTX_new(TLS_server_method());

	(void)state;
	SSL_CTX_use_certificate(other, cert);
	SSL_CTX_use_PrivateKey(other, key);
	assert_false(shake(other));
	assert_true(shake(other));
	assert_false(shake(ours));
	assert_false(shake(other));
	forget();
	SSL_CTX_free(ours);
	SSL_CTX_free(other);
}

static void
test_bounds(void **state)
{
	SSL_CTX	*ctx = worker(TLS1_3_VERSION);

	(void)state;
	assert_false(shake(ctx));
	assert_int_equal(SSL_SESSION_get_ticket_lifetime_hint(ticket),
	    TICKET_SECONDS);
	assert_int_equal(SSL_SESSION_get_max_early_data(ticket), 0);
	assert_int_equal(SSL_CTX_sess_number(ctx), 0);
	forget();
	SSL_CTX_free(ctx);
}

static int
prepare(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	cert = X509_new();
	X509_set_pubkey(cert, key);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_sign(cert, key, EVP_sha256());
	tickets_prepare();
	tickets_renew(now = 1000);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_13),
		cmocka_unit_test(test_12),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_bounds),
	};

	return (cmocka_run_group_tests(tests, prepare, NULL));
}
