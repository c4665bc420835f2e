/*
 * Accounts from a file: a file chosen fills the field that is sent. What is no
 * UTF-8 shows as U+FFFD, which the server refuses with a sentence.
 */
export function startImport() {
	const place = document.getElementById("import-file");

	if (!place)
		return;
	place.hidden = false;
	place.querySelector("input").addEventListener("change", async ({ target }) => {
		if (target.files[0])
			document.getElementById("csv").value = await target.files[0].text();
	});
}
