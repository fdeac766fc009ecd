import { useEffect, useRef, useState, type RefObject } from 'react';

/** Return a place of the page, and whether so large a share of it has been in sight. */
export function useSeen(share: number): [RefObject<HTMLDivElement | null>, boolean] {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || place.current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => setSeen(entries.some(({ intersectionRatio }) => intersectionRatio >= share)),
      { threshold: share },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [seen, share]);
  return [place, seen];
}
