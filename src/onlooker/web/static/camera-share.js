// The camera page's button that shares the camera.

import { Sharing } from "./sharing.js";

const sharing = new Sharing(document.getElementById("sharing"), "camera", document.getElementById("stage").dataset.camera);
document.getElementById("share").addEventListener("click", () => sharing.open());
