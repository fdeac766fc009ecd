// Before the first paint: a dark page must not flash white. A file of its own because the content
// security policy allows no inline script. The key is the one in src/app/theme.ts.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('ems-color-scheme');
  } catch {
    // Storage is forbidden: the system decides.
  }
  var dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
