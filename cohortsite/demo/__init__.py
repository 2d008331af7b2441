"""A believable program, told through the same functions as everything else.

Each chapter fills one part: `people`, `call`, `circles`, `rhythm`, `shelf`,
`evidence`. All of it is dated from the moment it is told at, so that it looks alive
whenever it is filled in; the same moment tells the same story.
"""
