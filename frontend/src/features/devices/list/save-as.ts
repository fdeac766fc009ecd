/** Have the browser save a text as a file. */
export function saveAs(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download reads the object only after this turn of the event loop.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
