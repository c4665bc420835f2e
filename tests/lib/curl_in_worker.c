/*
 * Preloaded into `smartrecord serve` by tests/http/sandbox.test.js: fetches the
 * URL in CURL_IN_WORKER with libcurl in each worker, inside its system call
 * filter, when the worker calls sodium_init().
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t
discard(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return (size * n);
}

static void
fetch(const char *url)
{
	CURL		*curl = curl_easy_init();
	CURLcode	 code;
	long		 status = 0;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	fprintf(stderr, "curl in worker: %d %ld\n", (int)code, status);
	curl_easy_cleanup(curl);
}

/* Returns whether this process has a system call filter; see proc(5). */
static int
filtered(void)
{
	char	 line[256];
	int	 yes = 0;
	FILE	*f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		yes = yes || strcmp(line, "Seccomp:\t2\n") == 0;
	if (f != NULL)
		fclose(f);
	return (yes);
}

int
sodium_init(void)
{
	int		(*next)(void);
	const char	*url = getenv("CURL_IN_WORKER");

	*(void **)&next = dlsym(RTLD_NEXT, "sodium_init");
	if (url != NULL && filtered())
		fetch(url);
	return (next());
}
