// Choices that are kept in this browser. Where storage is full or forbidden, they last as long as the page.
const PREFIX = 'ems-';
const memory = new Map<string, string>();

export function readPreference(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return memory.get(name) ?? null;
  }
}

/** Return whether a choice outlasts the page. */
export function keepsPreferences(): boolean {
  try {
    localStorage.setItem(`${PREFIX}kept`, 'yes');
    return true;
  } catch {
    return false;
  }
}

export function writePreference(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    memory.set(name, value);
  }
}
