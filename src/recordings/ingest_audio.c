/*
 * The audio of a document being ingested, see ingest_audio.h. The store's key
 * comes from the recording (tenant and source_id), never from the audio's
 * content: two recordings with the same audio each own their object.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "base/text.h"
#include "media/import.h"
#include "media/source.h"
#include "recordings/ingest_audio.h"

#define PATH_SIZE	4096
#define HEX_SIZE	(2 * crypto_hash_sha256_BYTES + 1)

static const char *
document_text(const json_t *object, const char *name)
{
	const char	*text;

	text = json_string_value(json_object_get(object, name));
	return (text == NULL ? "" : text);
}

static bool
file_sha256(const char *path, char hex[HEX_SIZE])
{
	crypto_hash_sha256_state	state;
	unsigned char			hash[crypto_hash_sha256_BYTES];
	unsigned char			bytes[65536];
	FILE				*file;
	size_t				n;
	bool				ok;

	if ((file = fopen(path, "rb")) == NULL)
		return (false);
	crypto_hash_sha256_init(&state);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		crypto_hash_sha256_update(&state, bytes, n);
	ok = ferror(file) == 0;
	fclose(file);
	crypto_hash_sha256_final(&state, hash);
	hex_encode(hash, sizeof(hash), hex);
	return (ok);
}

/* Sets the key: "blueprint/3f/3f…e1.wav". */
static void
audio_make_key(
    struct ingest_audio *a, const char *tenant, const char *source_id)
{
	crypto_hash_sha256_state	state;
	unsigned char			hash[crypto_hash_sha256_BYTES];
	char				hex[HEX_SIZE];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)tenant,
	    strlen(tenant) + 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)source_id,
	    strlen(source_id));
	crypto_hash_sha256_final(&state, hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(a->key, sizeof(a->key), "%s/%.2s/%s.wav", tenant, hex, hex);
}

static enum result
audio_store_put(struct ingest_audio *a, const char *path, char why[256])
{
	struct store_object	object;
	enum result		result;

	result = a->store->open(a->store, a->key, &object);
	a->was_there = result == OK;
	if (result == OK)
		a->store->close(&object);
	else if (result != NOT_FOUND) {
		(void)store_problem(why);
		return (result);
	}
	result = a->store->put(a->store, a->key, path);
	if (result == CONFLICT) {
		snprintf(why, 256, "its audio is not the one that was "
		    "ingested before");
		result = INVALID;
	} else if (result == INVALID)
		snprintf(why, 256, "its audio can't be read");
	else if (result != OK)
		(void)store_problem(why);
	return (result);
}

/* Puts the description of the stored audio into the document. */
static enum result
audio_describe(const struct ingest_audio *a, json_t *document,
    const char *sha256, char why[256])
{
	struct source	 source;
	const char	*problem = NULL;
	enum result	 result;

	result = source_open(&source, a->store, a->key, &problem);
	if (result != OK) {
		if (result != DAMAGED && problem == NULL)
			(void)store_problem(why);
		else
			snprintf(why, 256, "its audio: %s",
			    problem == NULL ? "can't be read" : problem);
		return (result == DAMAGED ? INVALID : result);
	}
	json_object_set_new(document, "audio",
	    json_pack("{s:s, s:s, s:i, s:i, s:I, s:s}", "key", a->key,
	    "format", source_format_name(source.info.format),
	    "rate", source.info.rate, "channels", source.info.channels,
	    "samples", (json_int_t)source.info.samples, "sha256", sha256));
	source_close(&source);
	return (OK);
}

/* Stores the WAV file at path and describes it in the document. */
static enum result
audio_put_file(struct ingest_audio *a, json_t *document, const char *path,
    char why[256])
{
	char		 sha256[HEX_SIZE];
	enum result	 result;

	if (!file_sha256(path, sha256)) {
		snprintf(why, 256, "its audio: %s", strerror(errno));
		return (INVALID);
	}
	result = audio_store_put(a, path, why);
	if (result == OK)
		result = audio_describe(a, document, sha256, why);
	return (result);
}

enum result
ingest_audio_put(struct ingest_audio *a, json_t *document, const char *folder,
    char why[256])
{
	const char	*file, *problem, *source_id, *tenant;
	char		 path[PATH_SIZE];
	struct import	 in;
	json_t		*audio = json_object_get(document, "audio");
	enum result	 result;

	a->key[0] = '\0';
	if (audio == NULL || json_is_null(audio)) {
		json_object_set_new(document, "audio", json_null());
		return (OK);
	}
	file = document_text(audio, "file");
	tenant = document_text(document, "tenant");
	source_id = document_text(document, "source_id");
	if (file[0] == '\0' || file[0] == '.' || strchr(file, '/') != NULL) {
		snprintf(why, 256, "audio.file must name a file beside it");
		return (INVALID);
	}
	if (!key_valid(tenant) || source_id[0] == '\0') {
		snprintf(why, 256, "tenant and source_id are needed");
		return (INVALID);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	audio_make_key(a, tenant, source_id);
	result = import_open(&in, path, &problem);
	if (result != OK) {
		snprintf(why, 256, "%.150s: %s", file, problem);
		return (result);
	}
	result = audio_put_file(a, document, in.path, why);
	import_close(&in);
	return (result);
}

void
ingest_audio_undo(struct ingest_audio *a)
{
	if (!a->was_there)
		ingest_audio_remove(a);
}

void
ingest_audio_remove(struct ingest_audio *a)
{
	if (a->key[0] != '\0')
		(void)a->store->remove(a->store, a->key);
}
