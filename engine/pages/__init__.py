"""What a page of HTML has of the engine: the rules of the table as JavaScript (`javascript`, and `primitives.js` beside
it), and text in few characters (`packing`)."""
