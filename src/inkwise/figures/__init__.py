"""Pictures of results: a record goes in, a matplotlib Figure comes out, and nothing is computed on the way.

No pyplot: every Figure stands alone, needs no closing and changes no global state.
"""
