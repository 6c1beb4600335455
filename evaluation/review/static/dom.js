"use strict";
/* Small helpers for pages and pictures. */

/* Makes an element with a class, text and children; text is never read as HTML. */
function element(kind, look = "", text = "", children = []) {
  const made = document.createElement(kind);
  if (look) made.className = look;
  if (text !== "") made.textContent = text;
  made.append(...children);
  return made;
}

function picture(source) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.addEventListener("load", () => resolve(image));
    image.addEventListener("error", () => reject(new Error(`${source} could not be loaded.`)));
    image.src = source;
  });
}
