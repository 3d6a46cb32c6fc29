"""Programs as targets, in any language: asked by lines of JSON on their standard streams (docs/do/programs.md)."""
