import { useEffect, useState } from 'react';

/**
 * Return a hook that gives a part of the program, which is loaded when it is first used; null until it is here. `React.lazy`
 * would show its substitute for a moment even if the part is here, and then keep that for 300 ms.
 */
export function loadedOnce<T>(load: () => Promise<T>): () => T | null {
  let part: T | null = null;
  return function useLoaded() {
    const [, setPart] = useState(part);
    const [failure, setFailure] = useState<{ error: unknown } | null>(null);
    useEffect(() => {
      if (part !== null) return;
      load().then(
        (loaded) => {
          part = loaded;
          setPart(loaded);
        },
        (error: unknown) => setFailure({ error }),
      );
    }, []);
    if (failure !== null) throw failure.error;
    return part;
  };
}
