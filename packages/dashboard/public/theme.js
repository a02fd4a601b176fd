// Before the first paint, and a file of its own because of the content security policy: a chosen theme never flashes.
try {
  const theme = localStorage.getItem('infoscreen.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme holds.
}
