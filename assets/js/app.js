/*
 * Starts what the page at hand has. Every page works without any of this:
 * script only saves round trips and adds comfort.
 */
import { startAccounts } from "./accounts.js";
import { startCall } from "./call.js";
import { startDeletion } from "./deletion.js";
import { startExports } from "./exports.js";
import { startImport } from "./import.js";
import { startList } from "./list.js";
import { startMenus } from "./menus.js";
import { forgetPlaces } from "./places.js";
import { startReveal } from "./reveal.js";
import { startSelect } from "./select.js";
import { startSound } from "./sound.js";

const call = document.getElementById("call");
const { pathname } = location;

startMenus();
startReveal();
startSound();
startList();
startDeletion();
startSelect();
startExports();
startImport();
startAccounts();
if (call)
	startCall(call);
/* Loaded afresh at the address that a list gave to a call, a page is asked to
 * be that list again when one goes back. */
if (!document.getElementById("list"))
	addEventListener("popstate", () => {
		if (location.pathname !== pathname)
			location.reload();
	});
if (!document.querySelector(".person"))
	forgetPlaces();
