/*
 * Copies a chosen file of accounts into the field that is sent. Bytes that are
 * not UTF-8 become U+FFFD, which the server refuses with a message.
 */
export function startImport() {
	const fileField = document.getElementById("import-file");

	if (!fileField)
		return;
	fileField.hidden = false;
	fileField.querySelector("input").addEventListener("change", async ({ target }) => {
		if (target.files[0])
			document.getElementById("csv").value = await target.files[0].text();
	});
}
