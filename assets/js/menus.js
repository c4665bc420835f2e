/* Menus are <details>: one closes when one clicks or goes elsewhere, or by
 * Escape, which then closes nothing else. */

const open = () => document.querySelectorAll("details.menu[open]");

function closeOthers(event) {
	for (const menu of open())
		if (!menu.contains(event.target))
			menu.open = false;
}

export function startMenus() {
	document.addEventListener("click", closeOthers);
	document.addEventListener("focusin", closeOthers);
	document.addEventListener("keydown", (event) => {
		if (event.key !== "Escape")
			return;
		for (const menu of open()) {
			const inside = menu.contains(document.activeElement);

			event.preventDefault();
			menu.open = false;
			if (inside)
				menu.querySelector("summary").focus();
		}
	});
}
