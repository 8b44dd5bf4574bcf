"""Given names common in the United States, folded, for calls that know no name.

After the Social Security Administration's lists of names by decade of birth.
Names that are words of their own (``will``, ``mark``, ``grace``) are apart: they
count only where a name is said.
"""

GIVEN_NAMES = frozenset(
    """
    aaron abby abel abigail abraham adam adrian adriana aida aimee al alan alana albert alberto alec alejandra alejandro alex alexa
    alexander alexandra alexis alfonso alfred alfredo alice alicia alisha allen allison alma alvin alyssa amanda amber amelia amy ana
    anderson andre andrea andres andrew andy angel angela angelica angelina angie anita ann anna anne annette annie anthony antoinette
    antonio ariana ariel arlene armando arnold arthur arturo ashley audrey aurora austin ava avery barbara barry beatrice beatriz
    becky belinda ben benjamin bernard bernice bertha beth bethany betty beverly billy blake blanca bob bobby bonnie brad bradley
    brandi brandon brandy brenda brendan brent brett brian brianna bridget brittany brooke bruce bryan byron caleb calvin cameron camila
    candice carl carla carlos carmen carol carolina caroline carolyn carrie casey cassandra catherine cathy cecilia cedric celia cesar chad
    charlene charles charlie charlotte chelsea cheryl chloe chris christian christina christine christopher christy cindy claire clara
    clarence claude claudia clayton clifford clifton clinton clyde cody colin colleen connie connor constance corey courtney craig cristina
    crystal curtis cynthia daisy dale damian damon dan dana daniel daniela danielle danny darlene darrell darren darryl dave david deanna
    debbie deborah debra delia delores denise dennis derek derrick destiny diana diane diego dolores dominic don donald donna dora doreen
    doris dorothy doug douglas duane dustin dwayne dwight dylan eddie edgar edith edna eduardo edward edwin eileen elaine eleanor elena eli
    elias elijah elisa elizabeth ella ellen elmer elsie emilia emilio emily emma enrique eric erica erick erika erin ernest ernesto esteban
    esther ethan ethel eugene eva evan evelyn felicia felipe felix fernando florence floyd frances francine francis francisco franklin
    fred freddie frederick gabriel gabriela gail gary geoffrey george georgia gerald gerardo gertrude gilbert gilberto gina gladys glen
    glenda glenn gloria gonzalo gordon graciela greg gregory gretchen guadalupe guillermo gustavo gwendolyn hannah harold harriet harry
    harvey hazel heather hector heidi helen henry herbert herman hilda holly howard hugo ian ida ignacio inez irene irma isaac isabel
    isabella isaiah ismael israel ivan jack jackie jackson jacob jacqueline jaime jake james jamie jan jane janet janice jared jasmine jason
    javier jay jean jeanette jeff jeffrey jen jenna jennie jennifer jenny jeremiah jeremy jerome jerry jesse jessica jessie jesus jill jim
    jimmy jo joan joann joanna joanne joaquin jodi joe joel john johnny jon jonathan jordan jorge jose joseph josephine joshua josue joyce
    juan juana juanita judith judy julia julian juliana julie julio justin kaitlyn kara karen kari karina karl karla kate katelyn katherine
    kathleen kathryn kathy katie katrina kay kayla keisha keith kelli kelly kelsey ken kendra kenneth kent kerry kevin kim kimberly kirk
    krista kristen kristi kristin kristina kristy kurt kyle lamar lance larry latoya laura lauren laurie lawrence leah lee leigh leo leon
    leonard leonardo leroy leslie lester leticia lewis liam lillian lily linda lindsay lindsey lisa lloyd logan lois lonnie lora lorena
    lorenzo loretta lori lorraine louis louise lourdes lucas lucia lucille lucy luis luisa luke luz lydia lynn mabel madison madeline mandy
    manuel marc marcela marcia marco marcos marcus margaret margarita margie maria mariah marian marianne maribel maricela marie marilyn
    mario marion marisol marissa marjorie marlene marlon marsha marta martha martin marty marvin mary mason mateo matt matthew maureen
    maurice mauricio max maxine megan meghan melanie melinda melissa melody melvin mercedes meredith mia michael micheal michele michelle
    miguel mike mildred milton minnie miranda miriam misty mitchell moises molly monica monique morgan moses myra myrtle nadia nancy naomi
    natalia natalie natasha nathan nathaniel neil nelson nicholas nicole nicolas nina noah noe noel nora norma norman octavio olga oliver
    olivia omar orlando oscar owen pablo paige pam pamela paola pat patricia patrick patsy paul paula paulette pauline pedro peggy penny
    percy perla peter phil philip phillip phyllis priscilla rachel rafael ralph ramiro ramon ramona randall randy raquel raul ray raymond
    rebecca rebekah regina reginald rene renee ricardo richard rick ricky rita robert roberta roberto robin rocio roderick rodney rodolfo
    rodrigo roger roland roman ronald ronnie rosa rosalie rosario roseann roxanne roy ruben rudy russell ruth ryan sabrina sally salvador
    sam samantha samuel sandra sandy santiago sara sarah saul scott sean sebastian sergio seth shane shannon sharon shaun shawn sheila shelby
    shelly sheri sherri sherry shirley sierra silvia simon sofia sonia sonya sophia sophie stacey stacy stanley stella stephanie stephen
    steve steven stuart sue susan susana susie suzanne sydney sylvia tamara tammy tanya tara tasha taylor ted terence teresa teri terrance
    terrell terri terry thelma theodore theresa thomas tiffany tim timothy tina todd tom tomas tommy toni tony tonya tracey traci tracy
    travis trevor trina troy tyler tyrone valentina valeria valerie vanessa vera verna vernon veronica vicki vickie vicky victor victoria
    vincent viola violet virginia vivian wallace walter wanda warren wayne wendy wesley whitney willard william willie wilma xavier ximena
    yesenia yolanda yvette yvonne zachary zoe smith johnson williams jones garcia miller davis rodriguez martinez hernandez lopez gonzalez
    wilson thomas moore jackson perez thompson sanchez harris ramirez robinson nguyen torres hill flores rivera gomez diaz reyes morales
    cruz ortiz gutierrez chavez ramos ruiz alvarez mendoza vasquez castillo jimenez moreno romero herrera medina aguilar vargas
    """.split()
)

ALSO_WORDS = frozenset(
    "angel april art august autumn bill brandy carol chance charity cliff crystal daisy dawn dick don drew earl eve faith frank gene glen grace "
    "grant guy hope ivy jack jan jean jesus joy june kay lance lee mark mason max may melody misty norm pat patience penny ray rich rob "
    "robin rose ruby sandy skip sky star sue summer will young king luz rosario mercedes cruz ramos israel roman blanca perla sierra dolores "
    "hill rivera flores reyes moreno al jo rosa alma lee sol leon abby".split()
)
