// The page of an installed dashboard without a network. A file of its own, because the content security policy allows
// no inline script. The key of the language is the one in src/lib/i18n/language.ts.
// The address is still that of the page that could not be loaded.
function again() {
  if (location.pathname === '/offline.html') location.replace('/');
  else location.reload();
}

// Ask for a file that the service worker does not have: it is answered when the server is back, and not before.
function look() {
  fetch('/manifest.webmanifest', { cache: 'no-store' }).then(again, () => undefined);
}

(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('ems-language');
  } catch {
    // Storage is forbidden: the browser's languages decide.
  }
  var preferred = chosen === null ? navigator.languages : [chosen];
  var known = preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === 'en' || tag === 'ro') || 'en';
  document.documentElement.lang = known;
  for (const section of document.querySelectorAll('section')) section.hidden = section.lang !== known;

  for (const button of document.querySelectorAll('button')) button.addEventListener('click', again);
  addEventListener('online', look);
  setInterval(look, 5000);
})();
